import type { ApprovalFact, Change, ChangedFile, Facts, SponsorFact } from '../../lib/policy/facts.ts';

export const JANE: SponsorFact = {
  name: 'Jane Doe',
  email: 'jane@example.com',
  source: 'signature',
  verified: true,
  is_person: true,
  is_author: false,
  may_sponsor: true,
};

export function changedFile(path: string, more: Partial<ChangedFile> = {}): ChangedFile {
  return {
    path,
    old_path: '',
    status: 'modified',
    kind: 'file',
    classes: [],
    by: 'agent',
    added: 3,
    deleted: 1,
    ...more,
  };
}

export function approvalBy(by: string, more: Partial<ApprovalFact> = {}): ApprovalFact {
  return {
    by,
    name: by,
    source: 'signature',
    verified: true,
    is_person: true,
    is_author: false,
    is_sponsor: false,
    owner: true,
    roles: ['approver'],
    holds: true,
    ...more,
  };
}

/** An agent bumps a dependency, and everything about it is in order. */
export function factsOf(more: Partial<Change> = {}): Facts {
  const file = changedFile('package.json', { classes: ['dependency-manifest'] });
  return {
    change: {
      stage: 'mr',
      target: 'refs/heads/main',
      base: 'a'.repeat(40),
      head: 'b'.repeat(40),
      mr: '',
      evaluated_at: '2026-03-04T10:00:00.000Z',
      by_agent: true,
      commits: 2,
      merge_commits: 0,
      behind: 0,
      agent_commits: 1,
      unrecorded_agent_commits: 0,
      unsealed_commits: 0,
      modified_commits: 0,
      claimed_commits: 0,
      txns: ['01JD2M0Y5V9Z8K7Q3C4N6T1RWE'],
      reverts: [],
      files: [file],
      classes: ['dependency-manifest'],
      agents: ['claude-code'],
      models: ['claude-sonnet-4-5'],
      providers: ['anthropic'],
      models_missing: 0,
      tools: ['Bash', 'Edit'],
      task_refs: ['https://issues.example.com/PAY-7'],
      tasks_missing: 0,
      authors: ['ann@example.com'],
      committers: ['ann@example.com'],
      sponsors: [JANE],
      sponsor: JANE,
      sponsors_missing: 0,
      approvals: [approvalBy('olga@example.com')],
      owner_approvals: [
        { path: 'package.json', owners: ['olga@example.com'], approved: true, by: ['olga@example.com'] },
      ],
      records_ok: true,
      problems: [],
      replays: [],
      checks: [],
      exceptions: [],
      size: { added: 3, deleted: 1 },
      ...more,
    },
  };
}

/** The same without a fact: nobody could find it out. */
export function without(facts: Facts, name: keyof Change): Facts {
  const { [name]: _, ...rest } = facts.change;
  return { change: rest as Change };
}
