import { groupBy } from '../../core/lists.ts';
import { isExact } from '../../core/records/binding.ts';
import { type Commit, readCommit } from '../../git/objects/objects.ts';
import type { Ledger } from '../ledger.ts';
import { type Ahead, type ListedNotes, readAhead, shapeAtHand } from '../reading/read-ahead.ts';
import { listNotes } from '../reading/scan.ts';
import { changeOf } from '../relink/looked.ts';
import { type GradedCommit, sealedChange } from './grade.ts';
import { type Judgement, judge, judgeAtHand, type Nomination, nominate } from './judge.ts';
import { type Change, patchesBetween } from './patch-cache.ts';

/**
 * Commits of a part. What was read of them is copied by every collection of garbage until it was told of: the fewer there
 * are, the less. But where it does not say all, each part takes processes of its own.
 */
const AT_ONCE = 50;
const AT_ONCE_ASKED = 200;

/** A commit, and every record somebody names for it. */
export interface JudgedCommit {
  readonly commit: Commit;
  readonly shape: GradedCommit;
  readonly judgement: Judgement;
}

/** A commit somebody asks for; null where it is not here. */
export interface AskedCommit {
  readonly oid: string;
  readonly judged: JudgedCommit | null;
}

/** Over this many commits it is quicker to list the ledger once than to look for each note. */
const MANY = 200;

/** Grades the records of many commits, in the order given; those that are not here are left out. A few processes for all. */
export async function* judgeMany(ledger: Ledger, oids: Iterable<string>): AsyncGenerator<JudgedCommit> {
  for await (const part of judgeInParts(ledger, oids))
    for (const { judged } of part) if (judged !== null) yield judged;
}

/** The same, some at a time, with null for a commit that is not here. */
export async function* judgeInParts(
  ledger: Ledger,
  oids: Iterable<string>,
): AsyncGenerator<readonly AskedCommit[]> {
  const all = [...new Set(oids)];
  const isMany = all.length > MANY && ledger.notes === undefined;
  const listed = isMany ? await notesByObject(ledger) : null;
  const isListed = listed !== null;
  const read = (part: readonly string[]): Promise<Ahead | null> =>
    isListed && part.length > 0 ? readAhead(ledger, listed, part) : Promise.resolve(null);
  let part = all.slice(0, isListed ? AT_ONCE : AT_ONCE_ASKED);
  let reading = read(part);
  let size = part.length;
  for (let at = part.length; part.length > 0; at += part.length) {
    const ahead = await reading;
    const after = all.slice(at, at + size);
    reading = read(after);
    // Whoever awaits it hears of a failure. Meanwhile the next part is read, so that neither git nor we wait.
    reading.catch(() => undefined);
    const { judged, asked } = await (ahead === null ? judgeAsking(ledger, part) : judgeRead(ahead, part));
    const found = new Map(judged.map((one) => [one.commit.oid, one]));
    yield part.map((oid) => ({ oid, judged: found.get(oid) ?? null }));
    size = asked > part.length / 2 ? AT_ONCE_ASKED : AT_ONCE;
    part = after;
  }
}

interface JudgedPart {
  readonly judged: readonly JudgedCommit[];
  /** How many took more than what was read. */
  readonly asked: number;
}

async function judgeAsking(ledger: Ledger, oids: readonly string[]): Promise<JudgedPart> {
  return { judged: await judgePart(ledger, oids), asked: oids.length };
}

/** Of nearly every commit what was read says all there is; the others are judged as if nothing was. */
async function judgeRead(ahead: Ahead, oids: readonly string[]): Promise<JudgedPart> {
  const judged = oids.map((oid) => judgedAtHand(ahead, oid));
  const open = oids.filter((_, at) => judged[at] === null);
  const others = await judgePart(ahead.ledger, open);
  return { judged: [...judged.filter((one) => one !== null), ...others], asked: open.length };
}

function judgedAtHand(ahead: Ahead, oid: string): JudgedCommit | null {
  const commit = ahead.commits.get(oid);
  const shape = commit === undefined ? null : shapeAtHand(ahead, commit);
  if (commit === undefined || shape === null) return null;
  const judgement = judgeAtHand(commit, shape, ahead.notes.get(oid) ?? null);
  return judgement === null ? null : { commit, shape, judgement };
}

async function judgePart(ledger: Ledger, oids: readonly string[]): Promise<JudgedCommit[]> {
  const read = await Promise.all(oids.map((oid) => readCommit(ledger.reader, oid)));
  const commits = read.filter((commit) => commit !== null);
  const nominated = await Promise.all(
    commits.map(async (commit) => ({ commit, nomination: await nominate(ledger, commit) })),
  );
  const nominations = nominated.map(({ nomination }) => nomination);
  await patchesBetween(ledger, await changesOf(ledger, nominations));
  return Promise.all(
    nominated.map(async ({ commit, nomination }) => ({
      commit,
      shape: nomination.shape,
      judgement: await judge(ledger, nomination),
    })),
  );
}

async function notesByObject(ledger: Ledger): Promise<ListedNotes> {
  return groupBy(await listNotes(ledger), ({ object }) => object);
}

/** Every change whose patch-id the judging will ask for: none of a commit that is just what was sealed. */
async function changesOf(ledger: Ledger, nominations: readonly Nomination[]): Promise<Change[]> {
  const open = nominations.filter(({ nominees, shape }) =>
    nominees.some(({ candidate }) => !isExact(candidate.record.record, shape)),
  );
  const records = open.flatMap(({ nominees }) => nominees.map(({ candidate }) => candidate.record.record));
  const sealed = await Promise.all(records.map((record) => sealedChange(ledger, record)));
  const made = open.map(({ shape }) => changeOf(shape));
  return [...made, ...sealed].filter((change) => change !== null);
}
