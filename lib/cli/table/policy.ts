import { JSON_FLAG } from './flags.ts';
import type { CommandSpec } from './table.ts';

/** Of the commands by which a person says something of a change. */
const SAYING_FLAGS = [
  {
    flags: '--sign',
    description: 'fail where there is no key to sign with (default: sign where one is set)',
  },
  { flags: '--no-sign', description: 'leave it unsigned' },
  { flags: '--note <text>', description: 'what else is to be said; it stays in the ledger for all to read' },
  { flags: '--target <branch>', description: "the branch it goes to (default: the remote's default branch)" },
  { flags: '--mr <url>', description: 'the merge request it is about: it counts for no other one' },
  { flags: '--withdraw', description: 'take back what you said of it' },
];

/** What judges changes on their way to a branch. */
export const POLICY_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'mr',
    usage: '(open|sync|show <url> | list)',
    summary: 'keep a merge request in the ledger, by its URL',
    description: [
      'Says which commits it would bring to which branch, whose work they are and how risky, and after the merge, which commit',
      'that became. Decisions and approvals made with --mr URL are found by it. Told again, only what has changed is added.',
    ],
    args: [
      { name: 'action', description: 'open or sync (the same), show, or list' },
      { name: 'url', description: 'the merge request, as the browser shows it' },
    ],
    flags: [
      { flags: '--head <rev>', description: 'what it would merge (default: HEAD, or what it was before)' },
      { flags: '--target <branch>', description: "where it goes (default: the remote's default branch)" },
      { flags: '--title <text>', description: 'its title' },
      { flags: '--description <text>', description: 'its description, of which a digest is kept; @FILE' },
      { flags: '--state <state>', description: 'open, merged or closed (default: what can be seen)' },
      {
        flags: '--import <what...>',
        description: 'take in who approved it at the host, FORMAT:FILE (github-reviews, gitlab-approvals)',
      },
      { flags: '--no-sign', description: 'do not sign what the host says' },
      { flags: '--class <class>', description: 'list: those that change a file of a risk class' },
      { flags: '--agents', description: "list: those with an agent's commits" },
      JSON_FLAG,
    ],
    examples: [
      'git agent-log mr open https://example.com/team/repo/pull/7 --head topic',
      'git agent-log mr list --agents --class dependency-manifest',
    ],
    load: () => import('../commands/mr.ts'),
  },
  {
    name: 'check',
    usage: '[range]',
    summary: 'evaluate the policy on a change, and record the decisions',
    description: [
      'Looks at every commit and file of a change, who answers for it and who approved it, and evaluates the rules of',
      '.agent-log/policy.yaml as it stands at the tip of the target, with the sponsors and code owners of that commit: what the change',
      'itself says of them counts for nothing. Each rule is a decision in the ledger, with what it saw. Exits with 1 when an enforced',
      'rule failed or could not be evaluated. In a pipeline (CI is set) the decisions are signed with the key git signs with.',
    ],
    args: [
      {
        name: 'range',
        description: 'a commit, with all it has that the target has not (default: HEAD); or a range',
      },
    ],
    flags: [
      { flags: '--stage <stage>', description: 'commit, mr, pipeline, merge or deploy' },
      {
        flags: '--target <branch>',
        description: "where the change goes (default: the remote's default branch)",
      },
      { flags: '--mr <url>', description: 'bind the decisions to this merge request' },
      {
        flags: '--import <what...>',
        description: 'take in what another tool found, FORMAT:FILE; zero results are an error',
      },
      { flags: '--sarif <file>', description: 'write what did not pass as SARIF 2.1.0' },
      { flags: '--junit <file>', description: 'write every decision as a JUnit test case' },
      { flags: '--summary <file>', description: 'write a summary in Markdown' },
      { flags: '--sign', description: 'sign the decisions (the default in a pipeline)' },
      { flags: '--no-sign', description: 'sign nothing' },
      {
        flags: '--open-exceptions',
        description: 'put denials into the queue (at merge and deploy they always are)',
      },
      {
        flags: '--anchor-branch <name>',
        description: 'at merge: add the checkpoint to this branch and push it (agentLog.anchorBranch)',
      },
      { flags: '--dry-run', description: 'record nothing' },
      { flags: '--full', description: 'print every clause and the facts it saw' },
      JSON_FLAG,
    ],
    examples: [
      'git agent-log check --stage mr --target main',
      'git agent-log check main..topic --stage pipeline --import sarif:scan.sarif',
    ],
    load: () => import('../commands/check.ts'),
  },
  {
    name: 'approve',
    usage: '<txn|range|commit>',
    summary: 'say yes to a change, signed with your own key',
    description: [
      'Approves what a change comes to: the tree of its head, and the patch since it left the branch it goes to. The approval is',
      'bound to the branch, the history, tree, patch and policy, and holds while these stay what they are and the merge is clean;',
      'a new push takes another one. It is signed with the key git signs with (gpg.format, user.signingKey), and counts as',
      'attested where .agent-log/sponsors.yaml at the tip of the branch gives that key to you, else as asserted. Says what a reader',
      'will make of it. Refused where an agent is at work in the environment.',
    ],
    args: [
      {
        name: 'txn|range|commit',
        description:
          'a transaction (all up to its last commit), commits such as main..topic, or a commit with all the branch has not',
      },
    ],
    flags: [...SAYING_FLAGS, JSON_FLAG],
    examples: [
      'git agent-log approve topic',
      'git agent-log approve 01JD2M0Y5V --note "read it all"',
      'git agent-log approve topic --withdraw',
    ],
    load: () => import('../commands/approve.ts'),
  },
  {
    name: 'sponsor',
    usage: '<txn>',
    summary: 'take sponsorship of a transaction, signed with your own key',
    description: [
      'Says that you answer for the work of an agent. It holds for the transaction on its way to a branch, also when the agent goes on',
      'with it, and is signed and counted as an approval is. What you may sponsor, .agent-log/sponsors.yaml at the tip of that branch says.',
    ],
    args: [
      {
        name: 'txn',
        description:
          'a transaction by its id, 8 or more of its first characters, or a commit that belongs to it',
      },
    ],
    flags: [
      ...SAYING_FLAGS,
      {
        flags: '--oidc-token <file>',
        description: 'in a pipeline: for who started it, as this token of its says; checked offline',
      },
      JSON_FLAG,
    ],
    examples: ['git agent-log sponsor 01JD2M0Y5V --sign', 'git agent-log sponsor HEAD --target release'],
    load: () => import('../commands/sponsor.ts'),
  },
];
