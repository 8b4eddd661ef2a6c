import { AgentLogError } from '../../core/errors.ts';
import { BRANCHES_AND_TAGS } from '../../git/history/commit-range.ts';
import { checkedReader } from '../../git/objects/checked-objects.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { linesOf, streamGit } from '../../git/process/stream.ts';
import { isAncestor } from '../../git/refs/refs.ts';
import { shallowCommits } from '../../git/repository/shallow.ts';
import { readRoster } from '../../identity/roster/read.ts';
import type { Roster } from '../../identity/roster/roster.ts';
import { judgeInParts } from '../../ledger/binding/judge-many.ts';
import { type Ledger, ledgerTip } from '../../ledger/ledger.ts';
import { readErasures } from '../../ledger/payloads/erased.ts';
import { type ChangeTarget, changeTarget } from '../../ledger/told/change-target.ts';
import { checkChains } from './chains.ts';
import { newSeen, type Verifying, WHOLE } from './context.ts';
import { checkEnvironment } from './environment.ts';
import { checkErasers } from './erasers.ts';
import { checkHistory, NO_GRAFTS } from './history.ts';
import { checkListing } from './listing.ts';
import { checkPart } from './parts.ts';
import { documentOf, Report, type VerifyDocument } from './report.ts';
import { sayWhoApproved } from './signers.ts';
import { pinnedBy, type TrustFile, trustedRoster } from './trust.ts';

export interface VerifyLedgerOptions {
  /** Commits, as git names them; null: everything the ledger has, and every commit that names a record. */
  readonly range: string | null;
  /** What is known from elsewhere; null: nothing. */
  readonly trust: TrustFile | null;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly onProgress?: (doing: string) => void;
}

/**
 * Verifies the ledger for the commits of a range, or all of it: every check by name. It reads the repository and writes nothing.
 * Null when there is nothing to verify: no ledger, and no commit that names a record. Throws NOT_FOUND for a range git does not know.
 */
export async function verifyRange(
  ledger: Ledger,
  options: VerifyLedgerOptions,
): Promise<VerifyDocument | null> {
  const { range, trust, now } = options;
  const report = new Report();
  const tip = await ledgerTip(ledger);
  const shallow = await shallowCommits(ledger.repo);
  const reader = checkedReader(ledger.reader, ledger.repo.format);
  const checked: Ledger = { ...ledger, reader };
  await checkEnvironment(report, ledger.repo, shallow);
  const listed = range === null && tip !== null ? await checkListing(report, ledger.repo, tip) : [];
  const named = await commitsOf(ledger, range);
  if (tip === null && named.length === 0 && trust === null) return null;
  const target = await targetOf(checked);
  const verifying: Verifying = {
    ledger: checked,
    report,
    roster: trustedRoster(trust) ?? (await rosterAt(checked, report, target)),
    now,
    seen: newSeen(trust?.records),
    ...WHOLE,
  };
  await checkObjects(verifying, [...new Set([...listed, ...named])], options);
  for (const oid of reader.damaged)
    report.fails('objects', oid, 'its bytes are not what its id says: run `git fsck`');
  report.checked('objects', report.count('commits'));
  await checkChains(verifying);
  sayWhoApproved(verifying, trust);
  if (tip !== null)
    await checkHistory(verifying, {
      tip,
      pinned: trust?.ledger?.tip ?? null,
      onlySince: range !== null,
      shallow,
      onProgress: (done) => options.onProgress?.(`verifying the ledger's history: ${done} commits`),
    });
  else if (trust?.ledger !== undefined)
    report.fails('history', trust.ledger.tip, 'the ledger is gone: an auditor saw it there');
  if (range === null) await checkTexts(verifying);
  if (trust !== null) await checkPinned(verifying, trust, target, shallow);
  report.checked('population', report.count('lines'));
  const isAsked = report.checkedOf('completeness') > 0 || trust !== null || report.hasFailed();
  if (report.count('lines') === 0 && !isAsked) return null;
  return documentOf(report, {
    subject: { kind: range === null ? 'all' : 'range', name: range ?? '' },
    trusted: pinnedBy(trust),
    now,
  });
}

/** Of a range its commits; of everything those commits of branches and tags that name a record. */
async function commitsOf({ repo, reader }: Ledger, range: string | null): Promise<string[]> {
  const head = (await readCommit(reader, 'HEAD'))?.oid;
  const all = [
    '--grep=Agent-Record:',
    '-i',
    '-F',
    ...BRANCHES_AND_TAGS,
    ...(head === undefined ? [] : [head]),
  ];
  const what = range === null ? all : ['--end-of-options', range];
  const args = ['log', '--no-show-signature', '--format=%H', ...what, '--'];
  const commits: string[] = [];
  try {
    for await (const line of linesOf(streamGit(repo, { args, env: NO_GRAFTS })))
      if (line !== '') commits.push(line);
  } catch (cause) {
    if (range === null) throw cause;
    throw new AgentLogError('NOT_FOUND', 'answer', `no commits are called '${range}'`, {
      cause,
      hints: ['Name a range as git does (main..topic, v1.0..HEAD, a branch), a bundle, or --all.'],
    });
  }
  return commits;
}

async function checkObjects(
  verifying: Verifying,
  objects: readonly string[],
  { onProgress }: VerifyLedgerOptions,
): Promise<void> {
  let done = 0;
  for await (const part of judgeInParts(verifying.ledger, objects)) {
    await checkPart(verifying, part);
    done += part.length;
    onProgress?.(`verifying: ${done} of ${objects.length} notes and commits`);
  }
}

async function targetOf(ledger: Ledger): Promise<ChangeTarget | null> {
  return changeTarget(ledger).catch((error: unknown) => {
    if (error instanceof AgentLogError && error.code === 'NOT_FOUND') return null;
    throw error;
  });
}

async function rosterAt(ledger: Ledger, report: Report, target: ChangeTarget | null): Promise<Roster | null> {
  if (target === null) return null;
  return readRoster(ledger.reader, target.commit).catch((error: unknown) => {
    if (!(error instanceof AgentLogError)) throw error;
    report.unknown('signers', target.commit, `its roster can't be used: ${error.message}`);
    return null;
  });
}

/** What was erased on purpose is no damage. Whether a sealed text is what its digest says, only who has a key can tell. */
async function checkTexts(verifying: Verifying): Promise<void> {
  const { report, ledger, seen } = verifying;
  const erasures = await readErasures(ledger);
  const erased = new Set(
    [...seen.links.values()].map(({ txn }) => txn).filter((txn) => erasures.isErased(txn)),
  );
  report.checked('texts', erased.size);
  await checkErasers(
    verifying,
    [...erased].flatMap((txn) => erasures.of(txn) ?? []),
  );
  const gone = erased.size === 1 ? '1 transaction has' : `${erased.size} transactions have`;
  report.says(
    'texts',
    `${erased.size === 0 ? 'texts' : `${gone} had texts erased on purpose; those of the others`} are sealed, and compared by whoever opens them`,
  );
}

async function checkPinned(
  { report, ledger, seen }: Verifying,
  trust: TrustFile,
  target: ChangeTarget | null,
  shallow: ReadonlySet<string>,
): Promise<void> {
  report.checked('pinned', trust.records?.length ?? 0);
  for (const digest of seen.pinned)
    report.fails('pinned', digest, 'an auditor pinned it, and it is not there');
  const tip = target?.commit ?? 'HEAD';
  for (const root of trust.roots ?? []) {
    report.checked('repository');
    const is = await descends(ledger, root, tip);
    if (is === false || (is === null && shallow.size === 0))
      report.fails(
        'repository',
        root,
        `${target?.ref ?? 'HEAD'} does not come from this commit: it is another repository`,
      );
    else if (is === null)
      report.unknown('repository', root, 'the clone is shallow: its first commits are not here');
  }
  if (trust.target === undefined) return;
  report.checked('target');
  const is = await descends(ledger, trust.target.commit, tip);
  const says = `${target?.ref ?? 'HEAD'} does not contain the commit somebody saw it at: it was rewritten, or this clone is older`;
  if (is === false) report.fails('target', trust.target.commit, says);
  else if (is === null && shallow.size === 0) report.fails('target', trust.target.commit, says);
  else if (is === null)
    report.unknown('target', trust.target.commit, 'the clone is shallow, and does not hold it');
}

/** Null where the older commit is not here. */
async function descends(ledger: Ledger, older: string, newer: string): Promise<boolean | null> {
  if ((await readCommit(ledger.reader, older)) === null) return null;
  return isAncestor(ledger.repo, older, newer);
}
