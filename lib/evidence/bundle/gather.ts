import { rootsOf } from '../../git/history/roots.ts';
import { openpgpKeys } from '../../identity/roster/roster.ts';
import { type Judges, judgesOf } from '../../identity/said-of.ts';
import type { Resolution } from '../../ledger/binding/resolve.ts';
import { type Ledger, ledgerTip } from '../../ledger/ledger.ts';
import { remembering } from '../../ledger/reading/remembering.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';
import { allowedSigners } from './allowed-signers.ts';
import { changedBy, type Sealed } from './changed.ts';
import { describeAll, openTexts, resolveAll, txnsIn, withoutTexts } from './changes.ts';
import { type Aside, diffsOf, documentOf } from './document.ts';
import type { Evidence } from './evidence.ts';
import type { Begun, Found } from './found.ts';
import { wholeHistory } from './history.ts';
import { notesFor } from './notes.ts';
import { proofPack } from './proof.ts';
import { rollbacksOf } from './rollbacks.ts';
import { type Said, saidOfSubject } from './said.ts';
import { signedOn } from './signed.ts';
import type { Sources } from './sources.ts';
import { type Asked, type Subject, subjectOf } from './subject.ts';
import { targetFilesAt } from './target-files.ts';
import { toolOf } from './tool.ts';

export interface GatherOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly version: string;
  /** Adds all of history: the target, the head and the ledger. */
  readonly withHistory?: boolean;
  /** False leaves out every text in clear. */
  readonly withTexts?: boolean;
  /** False packs nothing: who only looks needs no proof. */
  readonly withProof?: boolean;
  readonly onProgress?: (doing: string) => void;
}

/**
 * Gathers all there is to one question, of one state of the repository, which is only read. Throws NOT_FOUND, and BAD_ARGUMENT
 * where it is too much.
 */
export async function gatherEvidence(
  whole: Ledger,
  asked: Asked,
  sources: Sources,
  options: GatherOptions,
): Promise<Evidence> {
  const { onProgress = () => undefined } = options;
  const ledger = remembering(whole);
  const found = await find(ledger, asked, sources, options);
  const { tip, judges, subject, said, resolutions } = found;
  const aside = alongside(found, sources);
  onProgress('reading the ledger');
  const notes = tip === null ? [] : await notesFor(ledger, tip, found);
  onProgress('comparing trees');
  const present = resolutions.filter(({ isGone }) => !isGone).map(({ commit }) => commit);
  const changed = await changedBy(ledger, present, sealedBy(resolutions));
  const targetFiles = await targetFilesAt(ledger.reader, targetsOf(judges, said));
  onProgress('packing the proof');
  const heads = await presentHeads(ledger, subject, said);
  const objects = [...changed.objects, ...targetFiles.objects, ...heads];
  const proof =
    options.withProof === false
      ? null
      : await proofPack(
          ledger,
          tip,
          notes.map(({ note }) => note),
          objects,
        );
  const head = present.at(-1)?.oid ?? null;
  const wantsHistory = options.withHistory === true;
  const history = wantsHistory ? await wholeHistory(ledger, { head, tip, target: judges.target }) : null;
  onProgress('planning the rollback');
  const isPartial = wantsHistory && history === null;
  const parts = { notes, changed, targetFiles, present, isPartial };
  const document = documentOf(ledger, found, { ...parts, ...(await aside) }, options.now);
  return {
    tool: toolOf(options.version),
    document,
    notes: notes.map(({ note }) => note),
    signed: notes.flatMap(({ records }) => signedOn(records)),
    targetFiles: targetFiles.files,
    texts: found.texts.clear,
    allowedSigners: allowedSigners(judges.roster),
    openpgpKeys: openpgpKeys(judges.roster),
    diffs: new Map(diffsOf(changed).map(({ commit, bytes }) => [commit, bytes])),
    proof,
    history,
  };
}

/** Finds what is asked for, and judges it. */
async function find(ledger: Ledger, asked: Asked, sources: Sources, options: GatherOptions): Promise<Found> {
  const { now, onProgress = () => undefined } = options;
  onProgress('looking for what is asked');
  const [tip, judges, regroups] = await Promise.all([
    ledgerTip(ledger),
    judgesOf(ledger),
    readRegroups(ledger),
  ]);
  const target = judges.target?.commit ?? null;
  const roots = begun(target === null ? Promise.resolve([]) : rootsOf(ledger.repo, target));
  const subject = await subjectOf(ledger, asked, judges.target);
  const plan = (names: readonly string[]): Begun['rollbacks'] =>
    begun(rollbacksOf(names, target, new Set(subject.commits), sources));
  const planned = subject.txns.length > 0 ? plan(subject.txns) : null;
  const resolutions = await resolveAll(ledger, subject, regroups, (done) =>
    onProgress(`judging ${done} of ${subject.commits.length} commits`),
  );
  const txns = subject.txns.length > 0 ? subject.txns : txnsIn(resolutions, regroups);
  // What was said before a transaction was joined with another names it as it was called then.
  const names = txns.flatMap((txn) => regroups.namesOf(txn));
  const said = await saidOfSubject(ledger, subject, names, judges, now);
  onProgress('reading texts');
  const texts =
    options.withTexts === false ? withoutTexts(resolutions) : await openTexts(resolutions, sources);
  const changes = await describeAll(ledger, resolutions, texts, { regroups, judges, now });
  const rollbacks = planned ?? plan(txns);
  return {
    tip,
    judges,
    regroups,
    subject,
    resolutions,
    txns,
    said,
    texts,
    changes,
    begun: { rollbacks, roots },
  };
}

/** Whoever waits for it hears of a failure; where something else fails first, nobody does. */
function begun<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

/** What goes on beside the reading. */
function alongside(
  { txns, subject: { commits }, said, begun: { rollbacks, roots } }: Found,
  sources: Sources,
): Promise<Aside> {
  const mrs = said.mergeRequests.map(({ url }) => url);
  const asked = Promise.all([rollbacks, roots, sources.requestsOf({ txns, commits, mrs })]);
  return begun(asked.then(([planned, first, requests]) => ({ rollbacks: planned, roots: first, requests })));
}

/** Many decisions were made by one commit of the target; the latest of so many are kept. */
const MOST_TARGETS = 50;

function targetsOf({ target }: Judges, { decisions, approvals }: Said): string[] {
  const named = [
    ...decisions.flatMap(({ decision }) => [decision.subject.targetCommit, decision.policy?.commit ?? null]),
    ...approvals.map(({ approval }) => approval.subject.targetCommit),
  ].filter((one) => one !== null);
  const all = [...(target === null ? [] : [target.commit]), ...named.reverse()];
  return [...new Set(all)].slice(0, MOST_TARGETS);
}

/** The commits decisions and approvals are of, with their trees, as far as they are here. */
async function presentHeads(
  ledger: Ledger,
  { mr }: Subject,
  { decisions, approvals }: Said,
): Promise<string[]> {
  const subjects = [
    ...decisions.map(({ decision }) => decision.subject),
    ...approvals.map(({ approval }) => approval.subject),
    ...(mr === null ? [] : [mr.stored.record.subject]),
  ];
  const named = new Set(subjects.flatMap(({ head, base }) => [head, ...(base === null ? [] : [base])]));
  const read = [...named].map(async (oid): Promise<string[]> => {
    const [commit, tree] = await Promise.all([ledger.reader.read(oid), ledger.reader.read(`${oid}^{tree}`)]);
    return commit?.type === 'commit' && tree?.type === 'tree' ? [commit.oid, tree.oid] : [];
  });
  return (await Promise.all(read)).flat();
}

/** What was sealed of commits that are not exactly that. */
function sealedBy(resolutions: readonly Resolution[]): Sealed[] {
  return resolutions.flatMap(({ commit, record, alsoHere, binding }) => {
    if (record === null || binding === 'exact' || binding === 'claimed') return [];
    return [record, ...alsoHere].flatMap(({ record: { head, tree } }) =>
      tree === null ? [] : [{ commit: commit.oid, from: head.tree, to: tree }],
    );
  });
}
