import type { CommandSpec } from './table.ts';
import { JSON_FLAG } from './table-flags.ts';

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
      { flags: '--class <class>', description: 'list: those that change a file of a risk class' },
      { flags: '--agents', description: "list: those with an agent's commits" },
      JSON_FLAG,
    ],
    examples: [
      'git agent-log mr open https://example.com/team/repo/pull/7 --head topic',
      'git agent-log mr list --agents --class dependency-manifest',
    ],
    load: () => import('./commands/mr.ts'),
  },
  {
    name: 'check',
    usage: '[range]',
    summary: 'evaluate the policy on a change, and record the decisions',
    description: [
      'Looks at every commit and file of a change, who answers for it and who approved it, and evaluates the rules of',
      '.agent-log/policy.yaml as it stands at the tip of the target, with the sponsors and code owners of that commit: what the change',
      'itself says of them counts for nothing. Each rule is a decision in the ledger, with what it saw. Exits with 1 when an enforced',
      'rule failed or could not be evaluated. In a pipeline (CI is set) the decisions are signed with the configured ssh key.',
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
      { flags: '--dry-run', description: 'record nothing' },
      { flags: '--full', description: 'print every clause and the facts it saw' },
      JSON_FLAG,
    ],
    examples: [
      'git agent-log check --stage mr --target main',
      'git agent-log check main..topic --stage pipeline --import sarif:scan.sarif --mr https://example.com/mr/7',
    ],
    load: () => import('./commands/check.ts'),
  },
];
