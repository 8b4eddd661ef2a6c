/** How much of a session's texts is kept in the repository. Each level holds what those before it hold. */
export const LEVELS = ['digests', 'task', 'full'] as const;
export type Level = (typeof LEVELS)[number];

/** The level a setting means. One nobody knows is taken for the strictest; what is not set is `task`. */
export function levelOf(value: string | undefined): Level {
  if (value === undefined) return 'task';
  return LEVELS.find((level) => level === value.trim().toLowerCase()) ?? 'digests';
}

/** Of none, nothing is kept. */
export function strictest(levels: readonly Level[]): Level {
  return LEVELS.find((level) => levels.includes(level)) ?? 'digests';
}
