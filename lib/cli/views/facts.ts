import { escapeTerminal } from '../../core/escape.ts';
import { shortOid } from '../../core/oid.ts';
import type { ShowDocument } from '../../ledger/reading/describe.ts';
import type { Paint } from '../terminal/io.ts';
import { stepWords } from './saga.ts';
import { block, localTime, oneLine, type ViewOptions } from './text.ts';

const BINDINGS: Readonly<Record<ShowDocument['binding'], string>> = {
  exact: 'exact',
  'same-patch': 'same patch on another base',
  squashed: 'squashed: several records, one commit',
  modified: 'modified: the commit was changed after the record was sealed',
  claimed: 'claimed: a trailer without proof',
  none: 'none',
};

/** How firmly a record belongs to its commit. */
export function bindingText(
  document: Pick<ShowDocument, 'binding' | 'sealed' | 'capture'>,
  { paint }: ViewOptions,
): string {
  const text = BINDINGS[document.binding];
  const tint =
    document.binding === 'exact' || document.binding === 'same-patch'
      ? paint.good
      : document.binding === 'claimed'
        ? paint.bad
        : paint.warn;
  const seal = document.sealed
    ? ', sealed by the commit message'
    : document.capture?.late === true
      ? ', not sealed: no git hook ran, it was found later'
      : ', not sealed: the message does not name it';
  return `${tint(text)}${seal}`;
}

const WAYS: Readonly<Record<string, string>> = {
  'post-rewrite': 'rewritten by git',
  'cherry-pick': 'picked',
  relink: 'found by relink',
};

/** What became of a commit nothing leads to any more, and where the work in this one was before. */
export function landingRows(
  { commit, landings, supersededBy = [] }: Pick<ShowDocument, 'commit' | 'landings' | 'supersededBy'>,
  { paint }: ViewOptions,
): [string, string][] {
  const way = (via: string): string => WAYS[via] ?? escapeTerminal(via);
  const now = supersededBy.map((oid): [string, string] => {
    const via = landings.filter((landing) => landing.commit === oid).at(-1)?.via;
    return ['now in', `${paint.name(shortOid(oid))}${via === undefined ? '' : ` (${way(via)})`}`];
  });
  const came = new Map(
    landings.filter((landing) => landing.commit === commit).map((landing) => [landing.from, landing.via]),
  );
  const before = [...came].slice(0, MOST_CAME).map(([from, via]): [string, string] => {
    return ['made as', `${shortOid(from)} (${way(via)})`];
  });
  const more = came.size - before.length;
  return [
    ...now,
    ...before,
    ...(more > 0 ? [['made as', `and ${more} more`] satisfies [string, string]] : []),
  ];
}

const MOST_CAME = 5;

/** Whether a commit is what undid, or one of several. */
export function isOwn({ commit, commits }: ShowDocument['reverts'][number], shown: string): boolean {
  return commit === shown || commits?.includes(shown) === true;
}

/** That a commit was undone, or undoes, or was brought back, in the order it was done. */
export function revertRows(
  { commit, reverts, relands }: Pick<ShowDocument, 'commit' | 'reverts' | 'relands'>,
  { paint }: ViewOptions,
): [string, string][] {
  const named = (txns: readonly string[]): string =>
    `transaction ${txns.map((txn) => paint.name(txn)).join(', ')}`;
  const undone = reverts.map((revert) => {
    const { commit: by, txns, scope, at } = revert;
    const partly = scope === 'partial' ? ' (partly reverted)' : '';
    return isOwn(revert, commit)
      ? { at, row: ['reverts', `${named(txns)}${partly}`] }
      : { at, row: ['reverted by', `${paint.name(shortOid(by))}${partly}`] };
  });
  const brought = relands.map(({ commit: by, txns, scope, at }) => {
    const partly = scope === 'partial' ? ', in part' : '';
    return by === commit
      ? { at, row: ['brings back', `${named(txns)}${partly}`] }
      : { at, row: ['back by', `${paint.name(shortOid(by))}${partly}`] };
  });
  return [...undone, ...brought]
    .sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1))
    .map(({ row: [name = '', text = ''] }) => [name, text]);
}

/** What the last replay came to. */
export function replayRow(
  { replays }: Pick<ShowDocument, 'replays'>,
  { paint }: ViewOptions,
): [string, string][] {
  const last = replays.at(-1);
  if (last === undefined) return [];
  const tint = verdictTint(last.verdict, paint);
  const before = replays.length > 1 ? paint.faint(` (${replays.length} replays)`) : '';
  return [['replayed', `${last.mode}: ${tint(last.verdict)}, ${localTime(last.at)}${before}`]];
}

/** How good a verdict is. */
export function verdictTint(
  verdict: ShowDocument['replays'][number]['verdict'],
  paint: Paint,
): (text: string) => string {
  if (verdict === 'identical' || verdict === 'equivalent' || verdict === 'accepted') return paint.good;
  if (verdict === 'skipped') return paint.faint;
  return verdict === 'inconclusive' ? paint.warn : paint.bad;
}

const SAGA_STATES: Readonly<Record<NonNullable<ShowDocument['sagas']>[number]['state'], string>> = {
  open: 'begun across repositories',
  partial: 'across repositories, and only in some',
  done: 'across repositories, and in all of them',
  aborted: 'begun across repositories, and taken back',
};

/** In which other repositories the same was undone, or is to be. */
export function sagaRows(
  { sagas = [] }: Pick<ShowDocument, 'sagas'>,
  { paint }: ViewOptions,
): [string, string][] {
  return sagas.flatMap(({ state, repositories }): [string, string][] => [
    ['revert', (state === 'partial' ? paint.bad : paint.faint)(SAGA_STATES[state])],
    ...repositories.map((one): [string, string] => ['', escapeTerminal(`${one.name}: ${stepWords(one)}`)]),
  ]);
}

/** A record that nobody saw being made must never be taken for one that was. */
export function assuranceRow(
  { capture }: Pick<ShowDocument, 'capture'>,
  { paint, columns }: ViewOptions,
): [string, string][] {
  if (capture?.assurance == null) return [];
  const { assurance, source } = capture;
  const word =
    assurance === 'asserted'
      ? 'asserted after the fact: somebody says so, nobody saw it'
      : "imported after the fact: another tool's file says so";
  const from =
    source === null ? [] : [['from', oneLine(`${source.format} ${source.unit}`, columns - 14)] as const];
  return [['assurance', paint.warn(word)], ...from.map(([name, text]): [string, string] => [name, text])];
}

const SOURCES: Readonly<Record<string, string>> = {
  flag: 'named on the command line',
  environment: 'from the environment',
  'agent-log-config': 'from agentLog.sponsor',
  ci: 'from the pipeline',
  'git-config': 'from git config',
  imported: 'named by the imported file',
};

/** Who answers for it, and where the name came from. */
export function sponsorText({ sponsor }: Pick<ShowDocument, 'sponsor'>, { paint }: ViewOptions): string {
  if (sponsor === null) return paint.bad('nobody is named');
  return `${escapeTerminal(sponsor.name)} <${escapeTerminal(sponsor.email)}> (${SOURCES[sponsor.source] ?? sponsor.source}; ${sponsor.verified ? 'verified' : 'not signed'})`;
}

/** In whose name the texts were destroyed, and who stands behind that. */
export function erasedRow(
  { erased }: Pick<ShowDocument, 'erased'>,
  { paint, columns }: ViewOptions,
): [string, string][] {
  if (erased == null) return [];
  const { at, by } = erased;
  const who = by === null ? 'nobody' : `${by.name} <${by.email}>`;
  const text = `${localTime(at)} in the name of ${who}`;
  const [isSure, word] = standing(erased);
  return [
    ['erased', oneLine(text, columns - 14)],
    ['', (isSure ? (plain: string): string => plain : paint.warn)(word)],
  ];
}

function standing({
  trust = 'asserted',
  isByEraser = null,
  signedBy,
}: NonNullable<ShowDocument['erased']>): [boolean, string] {
  if (trust === 'evaluated') return [true, 'signed by a pipeline of the target'];
  const signed =
    trust === 'attested'
      ? 'signed by them'
      : signedBy === null
        ? 'nobody signed that'
        : 'signed by no key the target gives them';
  if (isByEraser === null) return [trust === 'attested', signed];
  if (isByEraser)
    return [
      true,
      trust === 'attested'
        ? 'signed by them, who have the role erase'
        : 'signed by somebody with the role erase',
    ];
  return [false, `${signed}; the target names others for it (role erase)`];
}

export function modelText({ model }: Pick<ShowDocument, 'model'>): string {
  if (model?.name == null) return 'unknown';
  return escapeTerminal(model.provider === null ? model.name : `${model.name} (${model.provider})`);
}

/** A text where it can be read, else why not, and what the record commits to. */
export function textOrDigest(
  ref: { text?: string; digest: string; missing?: { says: string } },
  options: ViewOptions,
): string[] {
  if (ref.text !== undefined) return block(ref.text, 2, options);
  const why = escapeTerminal(ref.missing?.says ?? 'the text is not in this clone');
  return [`  ${options.paint.faint(`(${why}; ${ref.digest.slice(0, 28)}…)`)}`];
}
