import { type GitPlace, gitText } from './runner.ts';

/** git's version, as it says it. */
export async function gitVersion(place: GitPlace): Promise<string> {
  const said = await gitText(place, '--version');
  return said.trim().replace(/^git version /, '');
}
