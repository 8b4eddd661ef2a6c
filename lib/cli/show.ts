import { recordDigest } from '../core/digest.ts';
import { type Opening, openAround } from '../git/opening.ts';
import type { Repository } from '../git/repository.ts';
import type { SaidOfChange } from '../ledger/describe.ts';
import { hasFetched } from '../ledger/has-fetched.ts';
import { hasTold } from '../ledger/told.ts';
import { hasUnfinishedErasure } from '../oversight/retention/intents.ts';
import { wantsColor } from './color.ts';
import { ending } from './ending.ts';
import { indexingOf } from './indexing.ts';
import { openIo } from './io.ts';
import { answerShow } from './show-answer.ts';
import { codeName, type Ended } from './start.ts';
import { isBroken, whatWaits } from './waits.ts';

/**
 * Where `show` starts: it has a bundle of its own with only what showing takes. Null when not all is as usual (other
 * words than these, no repository, something to take in first): then the program does it, from the beginning.
 */
export async function main(argv: readonly string[]): Promise<Ended | null> {
  const asked = parseShow(argv.slice(1));
  if (asked === null) return null;
  const cwd = process.cwd();
  const opening = openAround(cwd);
  try {
    prepare(asked, opening);
    const [color, repo] = await Promise.all([wantsColor(cwd, true), settled(opening)]);
    return repo === null ? null : await show(asked, opening, repo, color);
  } finally {
    opening.reader.close();
  }
}

/** What will be wanted, while git starts: it finds the commit, and we load what makes digests. */
function prepare({ name }: Asked, { reader }: Opening): void {
  reader.read(`${name}^{commit}`).catch(() => undefined);
  recordDigest('');
}

function show({ name, flags }: Asked, { reader }: Opening, repo: Repository, color: boolean): Promise<Ended> {
  return ending(false, async () => {
    const io = await openIo(repo.cwd, color, Promise.resolve(repo));
    const ledger = { repo, reader, indexing: indexingOf(io), close: () => reader.close() };
    const code = await answerShow(io, ledger, name, flags, nobodySaid);
    return { code, did: code === 0 ? codeName(['show', name]) : null };
  });
}

/** Where anything was told of changes, this bundle does not begin. */
const nobodySaid = (): Promise<SaidOfChange> => Promise.resolve({});

/** The repository, if there is one, nothing in it waits to be taken in, and it has no decisions, approvals or exceptions. */
async function settled({ repository, reader }: Opening): Promise<Repository | null> {
  const repo = await repository.catch(() => null);
  if (repo === null || (await whatWaits(repo)) !== null || (await hasFetched(repo))) return null;
  if (await hasUnfinishedErasure(repo)) return null;
  const [isTold, broken] = await Promise.all([hasTold({ repo, reader }), isBroken({ repo, reader })]);
  return isTold || broken ? null : repo;
}

interface Asked {
  readonly name: string;
  readonly flags: Readonly<Record<string, true>>;
}

/** The plain ways to ask, as the program's own parser reads them; null for any other. */
export function parseShow(words: readonly string[]): Asked | null {
  const names = words.filter((word) => !word.startsWith('-'));
  const flags = words.filter((word) => word.startsWith('-'));
  if (names.length > 1 || !flags.every((flag) => FLAGS.has(flag))) return null;
  return {
    name: names[0] ?? 'HEAD',
    flags: Object.fromEntries(flags.map((flag) => [flag.slice(2), true as const])),
  };
}

const FLAGS: ReadonlySet<string> = new Set(['--json', '--raw', '--full']);
