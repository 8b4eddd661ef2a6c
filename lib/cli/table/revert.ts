import { JSON_FLAG, MR_FLAG } from './flags.ts';
import type { CommandSpec } from './table.ts';

/** `git agent-revert`, which has a program of its own. */
export const REVERT: CommandSpec = {
  name: 'agent-revert',
  usage: '<txn...> | --continue | --abort',
  summary: 'undo whole transactions as one unit',
  description: [
    'Plans first, in a scratch repository: what goes, what stays, what stands in the way, and every way through. Nothing is changed',
    'unless the plan is clean, or a flag settles what was open. Then it makes one commit on the current branch; whatever is not committed stays.',
    'The prepare-commit-msg, commit-msg and post-commit hooks run, the pre-commit hook does not. Exit: 0 done or nothing to do, 1 it needs a decision or is',
    'not on this branch, 3 the history or the records cannot be relied on.',
  ],
  args: [
    {
      name: 'txn',
      description:
        'a transaction by its id, by 8 or more of its first characters, or by a commit that belongs to it',
      many: true,
    },
  ],
  flags: [
    MR_FLAG,
    { flags: '--plan', description: 'print the plan, and change nothing' },
    { flags: '--with-dependants', description: 'also undo what builds on it, as the plan lists' },
    {
      flags: '--most-dependants <n>',
      description: 'offer to undo at most so many commits besides its own (default: 20)',
    },
    {
      flags: '--relaxed',
      description: 'place by place where git refuses; what others have overwritten since stays',
    },
    {
      flags: '--path <path...>',
      description:
        'only these files and folders; the transaction is partly undone then, and the record says so (a last word that names a transaction, and no file, is one)',
    },
    {
      flags: '--clean-paths',
      description: 'only the files git can take back whole, where others are in the way',
    },
    {
      flags: '--reland',
      description: 'bring back what was undone, named by its transaction or by the commit that undid it',
    },
    {
      flags: '--include-claimed',
      description: 'also commits that only say, in a trailer nothing bears out, that they belong to it',
    },
    { flags: '--hunks', description: 'take back whatever nobody has touched since, and leave the rest' },
    {
      flags: '--accept-shared',
      description:
        'also undo files of its commits that somebody else may have edited before they were committed',
    },
    {
      flags: '--verify <command>',
      description:
        'a command that must pass on the result, in a scratch worktree (default: agentLog.revertVerify of your own settings)',
    },
    {
      flags: '--regenerate',
      description:
        'have lockfiles and other derived files made again, by agentLog.<file or pattern>.regenerate of your own settings, instead of merging them',
    },
    {
      flags: '--budget <seconds>',
      description:
        'plan no longer than that; what there was no time for is named (default: agentLog.revertBudget, or 60; 0: as long as it takes)',
    },
    { flags: '--each', description: 'a commit for each that is undone, instead of one' },
    {
      flags: '--accept-pivots',
      description: 'also where a database migration goes with it: what that did to a database stays',
    },
    { flags: '--no-commit', description: 'leave the result staged' },
    {
      flags: '--branch <name>',
      description: 'make it on a new branch; yours, and your worktree, stay as they are',
    },
    {
      flags: '--worktree',
      description: 'set what conflicts up for you to resolve, in a worktree beside yours',
    },
    {
      flags: '--continue',
      description: 'go on with one you resolved, or that was cut off; with --repos, or refused',
    },
    { flags: '--abort', description: 'give one up that is under way: all is as it was before' },
    { flags: '--onto <rev>', description: 'plan on another branch or commit; with --plan or --branch' },
    { flags: '--reason <text>', description: 'why; goes into the message and the record' },
    {
      flags: '--repos <file>',
      description:
        'in all the repositories FILE lists, or in none: one path a line, what others build on first; or JSON with path, name, branch and remote',
    },
    {
      flags: '--push',
      description: 'with --repos: push each branch to its remote, also where FILE names none',
    },
    JSON_FLAG,
    { flags: '-C <dir>', description: 'run as if started in <dir>' },
  ],
  examples: [
    'git agent-revert --plan 01JD2M0Y',
    'git agent-revert 01JD2M0Y --reason "it broke payments"',
    'git agent-revert 01JD2M0Y --path src/pay',
    'git agent-revert --reland 01JD2M0Y',
    'git agent-revert 01JD2M0Y --branch revert-payments',
    'git agent-revert 01JD2M0Y --worktree',
    'git agent-revert --repos repositories.txt --push 01JD2M0Y',
  ],
  load: () => import('../commands/revert.ts'),
};
