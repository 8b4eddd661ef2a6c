/** What `show` was asked. */
export interface AskedToShow {
  readonly name: string;
  readonly flags: Readonly<Record<string, true>>;
}

const FLAGS: ReadonlySet<string> = new Set(['--json', '--raw', '--full']);

/** The plain ways to ask, as the program's own parser reads them; null for any other. */
export function parseShow(words: readonly string[]): AskedToShow | null {
  const names = words.filter((word) => !word.startsWith('-'));
  const flags = words.filter((word) => word.startsWith('-'));
  if (names.length > 1 || !flags.every((flag) => FLAGS.has(flag))) return null;
  return {
    name: names[0] ?? 'HEAD',
    flags: Object.fromEntries(flags.map((flag) => [flag.slice(2), true as const])),
  };
}
