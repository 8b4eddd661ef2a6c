/** What a recorded command may take. */
export interface Limits {
  /** Until it is ended, with all it started. */
  readonly milliseconds: number;
  /** Of all commands of one record together. */
  readonly totalMilliseconds: number;
  readonly processes: number;
  /** Of each process. */
  readonly memoryBytes: number;
  /** Of one file. */
  readonly fileBytes: number;
  /** Of all it leaves in the worktree, and in its home and temporary folder each. */
  readonly diskBytes: number;
  /** Of each of what it prints; what is more is not heard. */
  readonly outputBytes: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: Limits = {
  milliseconds: 120_000,
  totalMilliseconds: 1_800_000,
  processes: 512,
  memoryBytes: 4096 * MIB,
  fileBytes: 256 * MIB,
  diskBytes: 1024 * MIB,
  outputBytes: 4 * MIB,
};

/** A command that sets what a shell can set, and then becomes another. Shells differ in how they call processes. */
export function limitedCommand(limits: Limits, argv: readonly string[]): string[] {
  const { processes, memoryBytes, fileBytes } = limits;
  const script = [
    'ulimit -c 0',
    `ulimit -f ${Math.floor(fileBytes / 512)}`,
    `ulimit -d ${Math.floor(memoryBytes / 1024)}`,
    `ulimit -u ${processes} 2>/dev/null || ulimit -p ${processes}`,
    'exec "$@"',
  ];
  return ['/bin/sh', '-c', script.join('; '), 'sh', ...argv];
}
