import { type GitPlace, runGit } from '../process/runner.ts';

/** What else the user's settings, the number of cores and how the objects lie here would decide. */
const PINNED = [
  'core.compression=-1',
  'pack.compression=-1',
  'core.bigFileThreshold=512m',
  'pack.packSizeLimit=0',
  'pack.island=',
].flatMap((setting) => ['-c', setting]);

const ARGS = [
  'pack-objects',
  '--stdout',
  '-q',
  '--threads=1',
  '--window=10',
  '--depth=50',
  '--no-reuse-object',
  '--delta-base-offset',
];

/**
 * A pack of exactly these objects, each of which must be here: nothing they lead to comes along. The same bytes for the same
 * objects, as long as git and zlib are the same. Throws GIT_FAILED.
 */
export async function packExactly(place: GitPlace, oids: Iterable<string>): Promise<Buffer> {
  const sorted = [...new Set(oids)].sort();
  const { stdout } = await runGit(place, { args: [...PINNED, ...ARGS], stdin: `${sorted.join('\n')}\n` });
  return stdout;
}
