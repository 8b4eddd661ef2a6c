import { POLICY_PATH } from './policy.ts';

/** A kind of change an agent does not make alone, and why that is asked for. */
interface Guarded {
  readonly id: string;
  readonly severity: string;
  readonly description: string;
  readonly classes: readonly string[];
  readonly controls: readonly string[];
}

const GUARDED: readonly Guarded[] = [
  {
    id: 'agent.dependencies',
    severity: 'high',
    description: 'An agent changes what the software is made of.',
    classes: ['dependency-manifest', 'dependency-lockfile', 'vendored-code'],
    controls: ['SOC2:CC8.1', 'PCI-DSS:6.5.1', 'NIST:CM-3', 'DORA:RTS-2024/1774-Art-17'],
  },
  {
    id: 'agent.infrastructure',
    severity: 'high',
    description: 'An agent changes what the software runs on, or how it is built and delivered.',
    classes: ['iac', 'container', 'ci-cd', 'data-migration'],
    controls: ['SOC2:CC8.1', 'PCI-DSS:6.5.1', 'NIST:CM-3', 'NIST:CM-6', 'ISO27001:A.8.32'],
  },
  {
    id: 'agent.security-configuration',
    severity: 'critical',
    description: 'An agent changes keys, networks, hardening, or the tools that look for weaknesses.',
    classes: ['secrets-and-crypto', 'network-and-tls', 'os-and-runtime-hardening', 'security-tooling-config'],
    controls: ['SOC2:CC8.1', 'SOC2:CC6.1', 'NIST:CM-3', 'NIST:CM-6', 'ISO27001:A.8.32'],
  },
  {
    id: 'agent.access-control',
    severity: 'critical',
    description: 'An agent changes who may do what, or who has to look at a change.',
    classes: ['iam', 'access-and-review-control'],
    controls: ['SOC2:CC6.1', 'SOC2:CC8.1', 'NIST:CM-5', 'NIST:AC-6'],
  },
  {
    id: 'agent.audit-policy',
    severity: 'critical',
    description: 'An agent changes this policy, its sponsors, or what agents are told.',
    classes: ['audit-policy', 'agent-instructions'],
    controls: ['SOC2:CC7.2', 'SOC2:CC8.1', 'NIST:AU-9', 'PCI-DSS:10.3.2', 'ISO27001:A.8.15'],
  },
];

function guardedRule({ id, severity, description, classes, controls }: Guarded): string {
  return `
  - id: ${id}
    description: ${description}
    severity: ${severity}
    stage: [mr, pipeline, merge, deploy]
    enforce: deny
    classes: [${classes.join(', ')}]
    when: change.by_agent
    require:
      - id: recorded
        expr: change.unrecorded_agent_commits == 0
        message: every agent commit needs a record (git agent-log adopt <range>)
      - id: task
        expr: change.tasks_missing == 0
        message: every agent commit needs a task (git agent-log begin --task …, or adopt --task …)
      - id: model
        expr: change.models_missing == 0 && change.models.all(m, glob_any(m, lists.allowed_models))
        message: every agent commit needs a model of the list allowed_models
      - id: sponsor
        expr: change.sponsors_missing == 0 && change.sponsors.exists(s, true) && change.sponsors.all(s, s.is_person)
        message: every agent commit needs a sponsor who is a person (git agent-log sponsor <txn> --sign)
      - id: sponsor-signed
        expr: change.sponsors.all(s, s.verified && s.may_sponsor)
        message: the sponsor has to sign, and sponsors.yaml has to let them (git agent-log sponsor <txn> --sign)
      - id: owner
        expr: |-
          change.approvals.exists(a, a.owner && a.verified && a.holds && a.is_person && !a.is_author && !a.is_sponsor)
        message: a code owner who is neither author nor sponsor has to approve (git agent-log approve <range> --sign)
      - id: all-owners
        expr: change.owner_approvals.all(o, o.approved)
        message: an owner of each owned path has to approve (git agent-log approve <range> --sign)
    controls: [${controls.join(', ')}]
`;
}

/** A policy a bank could begin with, as \`init --policy\` writes it. */
export const STARTER_POLICY: string = `# What agents' changes have to have before they land, as \`git agent-log check\` evaluates it.
# It is read from the tip of the branch a change goes to, never from the change. docs/policy.md explains it.
version: 1
facts: v1

lists:
  # Models that may write code here, as their providers name them. \`*\` stands for anything but a slash.
  allowed_models: [claude-*, gpt-5*, gemini-2.5-*]

rules:
  - id: agent.recorded
    description: What an agent did is on record, and the record is whole.
    severity: high
    enforce: deny
    when: change.by_agent
    require:
      - id: recorded
        expr: change.unrecorded_agent_commits == 0
        message: every agent commit needs a record (git agent-log adopt <range>)
      - id: own-records
        expr: change.claimed_commits == 0
        message: a commit names a record that is not its own (git agent-log show <commit>)
      - id: whole
        expr: change.records_ok
        message: a record or a binding does not verify (git agent-log replay <range> --mode verify)
    controls: [SOC2:CC7.2, NIST:AU-10, NIST:AU-12, ISO27001:A.8.15]

  - id: agent.sealed
    description: Commits name their records, and are what the records say.
    severity: medium
    enforce: warn
    when: change.by_agent
    require:
      - id: sealed
        expr: change.unsealed_commits == 0
        message: a commit's message does not name its record
      - id: unchanged
        expr: change.modified_commits == 0
        message: a commit was changed after its record was made
    controls: [NIST:AU-10, SOC2:CC7.2]

  - id: anyone.review-controls
    description: Who decides about changes does not change that alone, agent or not.
    severity: critical
    stage: [mr, pipeline, merge, deploy]
    enforce: deny
    classes: [audit-policy, access-and-review-control]
    require:
      - id: second-person
        expr: change.approvals.exists(a, a.verified && a.holds && a.is_person && !a.is_author)
        message: a second person has to approve (git agent-log approve <range> --sign)
      - id: all-owners
        expr: change.owner_approvals.all(o, o.approved)
        message: an owner of each owned path has to approve (git agent-log approve <range> --sign)
    controls: [SOC2:CC8.1, SOC2:CC6.1, NIST:CM-5, NIST:AU-9]
${GUARDED.map(guardedRule).join('')}`;

/** Who may answer for an agent and approve its changes: nobody, until somebody is named. */
const STARTER_SPONSORS: string = `# Who may sponsor and approve agents' changes, and with which keys they sign. Read from the tip of the branch a
# change goes to, never from the change. Nobody is named yet: as long as that is so, nobody's signature counts.
version: 1
people: []
#  - name: Jane Doe
#    email: jane@example.com
#    emails: [jane.doe@example.org]          # further addresses of the same person: they count once
#    accounts: {github: janedoe}
#    keys: ["ssh-ed25519 AAAA…"]             # or {key: …, from: 2026-01-01, until: 2027-01-01}
#    roles: [sponsor, approver]              # also: audit, waivers, erase
#    sponsors: [dependency-manifest, iac]    # risk classes or globs; everything, when it is left out

# Keys CI signs its decisions with: only what one of them signed counts as evaluated.
ci: []
#  - name: merge pipeline
#    keys: ["ssh-ed25519 AAAA…"]

# Addresses that are never a person's.
services: []
`;

/** What `init --policy` writes. */
export const STARTER_FILES: readonly { readonly path: string; readonly content: string }[] = [
  { path: POLICY_PATH, content: STARTER_POLICY },
  { path: '.agent-log/sponsors.yaml', content: STARTER_SPONSORS },
];
