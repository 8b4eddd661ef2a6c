/** What `git agent-revert` was asked to plan. */
export interface AskedToPlan {
  readonly names: readonly string[];
  readonly flags: Readonly<Record<string, true>>;
}

/** Flags without a word of their own, as the program's own parser calls them. */
const FLAGS: Readonly<Record<string, string>> = {
  '--plan': 'plan',
  '--json': 'json',
  '--relaxed': 'relaxed',
  '--with-dependants': 'withDependants',
  '--hunks': 'hunks',
};

/** The plain ways to ask for a plan and nothing else, as the program's own parser reads them; null for any other. */
export function parsePlan(words: readonly string[]): AskedToPlan | null {
  const names = words.filter((word) => !word.startsWith('-'));
  const flags = words.filter((word) => word.startsWith('-'));
  if (names.length === 0 || !flags.includes('--plan')) return null;
  if (!flags.every((flag) => Object.hasOwn(FLAGS, flag))) return null;
  return { names, flags: Object.fromEntries(flags.map((flag) => [FLAGS[flag] ?? '', true as const])) };
}
