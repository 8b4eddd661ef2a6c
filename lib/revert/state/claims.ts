import { type GitPlace, runGit } from '../../git/process/runner.ts';
import { landingsOn } from '../members/units.ts';

/** A commit that says it takes others back, by their ids. Nothing here is proof. */
export interface Claim {
  readonly commit: string;
  /** The commit of the branch's own line it came with; itself, where it is on that line. */
  readonly step: string;
  /** Ids as its message has them: whole or abbreviated. */
  readonly names: readonly string[];
}

const ARGS = ['log', '--topo-order', '--reverse', '--no-show-signature', '-F', '-i', '-z', '--format=%H%n%B'];
/** How a message begins to say what it takes back. */
export const SAYS_REVERT: readonly string[] = ['This reverts commit ', 'This reverts a part of commit '];
const GREP = SAYS_REVERT.map((words) => `--grep=${words}`);

/** Commits that came onto a branch after `base` and say they revert another, oldest first. */
export async function claimsOn(
  place: GitPlace,
  base: string | null,
  tip: string,
): Promise<Omit<Claim, 'step'>[]> {
  const since = base === null ? [] : [`^${base}`];
  const { stdout } = await runGit(place, { args: [...ARGS, ...GREP, tip, ...since, '--'] });
  return stdout
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((text) => ({ commit: text.slice(0, text.indexOf('\n')), names: revertedIn(text) }));
}

/** The same with the commit of the branch's own line each came with. */
export async function withSteps(
  place: GitPlace,
  tip: string,
  claims: readonly Omit<Claim, 'step'>[],
  isStep: (commit: string) => boolean,
): Promise<Claim[]> {
  const inside = new Set(claims.map(({ commit }) => commit).filter((commit) => !isStep(commit)));
  const steps = inside.size === 0 ? null : (await landingsOn(place, tip, inside)).cameWith;
  return claims.map((one) => ({ ...one, step: steps?.get(one.commit) ?? one.commit }));
}

/** The ids in `This reverts commit <id>`, which git, hosts and release tools all write and read, and in our own for a part. */
export function revertedIn(message: string): string[] {
  const found = message.matchAll(/\bThis reverts (?:a part of )?commit ([0-9a-f]{7,64})\b/gi);
  return [...new Set([...found].map((match) => (match[1] ?? '').toLowerCase()))];
}
