import { AgentLogError } from '../../core/errors.ts';
import { type GitPlace, runGit } from '../process/runner.ts';

/** The ref of a branch that is to be made. Throws BAD_ARGUMENT when git would not have that name, or has that branch. */
export async function newBranchRef(place: GitPlace, name: string): Promise<string> {
  const { code, stdout } = await runGit(place, {
    args: ['check-ref-format', '--branch', name],
    okCodes: [1, 128],
  });
  // What git reads as something else (`-`, `@{-1}`) names a branch that is there.
  if (code !== 0 || stdout.toString('utf8') !== `${name}\n`)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `'${name}' is not a valid branch name`, {
      hints: ['git check-ref-format says which names are.'],
    });
  const ref = `refs/heads/${name}`;
  const found = await runGit(place, {
    args: ['show-ref', '--verify', '--quiet', '--', ref],
    okCodes: [1, 128],
  });
  if (found.code !== 0) return ref;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `a branch named '${name}' already exists`, {
    hints: ['Name another, or take that one away first: git branch -d.'],
  });
}
