/** Members that tell most of what a call was for, the most telling first. */
const TELLING = [
  'command',
  'file_path',
  'notebook_path',
  'pattern',
  'path',
  'url',
  'query',
  'description',
] as const;

/** Arguments longer than this are not read for it. */
const LONGEST = 100_000;

/** What a reader wants to see of a call's arguments first: the command, the file, the address. */
export function callEssence(args: string): string {
  if (args.length > LONGEST) return args;
  try {
    const value = JSON.parse(args) as Record<string, unknown> | null;
    return TELLING.map((key) => value?.[key]).find((item) => typeof item === 'string') ?? args;
  } catch {
    return args;
  }
}
