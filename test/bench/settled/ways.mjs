import { readCommit } from '../../../dist/git/objects/objects.js';
import { planRevert } from '../../../dist/index.js';
import { waysThrough } from '../../../dist/revert/ways/through.js';
import { carriedOff } from '../../../dist/revert/working-out/carried-off.js';
import { goAlong } from '../../../dist/revert/working-out/change.js';
import { answer } from '../../../dist/revert/working-out/closure.js';
import { changesOf, mergeIn, touching } from '../../../dist/revert/working-out/history.js';
import { blockedIn, relaxedAnswer } from '../../../dist/revert/working-out/relaxed.js';

const NOWHERE = { tree: null, adds: [] };

/**
 * Every way to take a transaction back, with the tree it leads to and the commits that go besides (by id); null where a way
 * leads nowhere. `ms` is what working them out takes, `why` what kept it from being taken back by any.
 */
export async function everyWay({ ledger, scratch, txn, own, flags }) {
  const { shop, situation } = await placeOf(ledger, scratch, own);
  const git = await newestFirst(shop.merge, situation);
  const begin = performance.now();
  const plain = await plainTree({ ledger, scratch, shop, situation, txn, flags });
  const { ways, unsound } =
    plain.tree === null
      ? await waysThrough(ledger, shop, situation, flags, plain.failed)
      : { ways: [], unsound: [] };
  const ms = performance.now() - begin;
  const named = (flag) => ways.find(({ option, verified }) => option.flag === flag && verified !== false);
  const [relaxed, exact, both, hunks] = [
    '--relaxed',
    '--with-dependants',
    '--relaxed --with-dependants',
    '--hunks',
  ].map(named);
  const none = { tree: plain.tree, adds: [] };
  const best = (most, ...wanted) =>
    [
      none,
      ...wanted.flatMap((way) => (way === undefined ? [] : [{ tree: way.tree, adds: way.option.adds }])),
    ].find(({ tree, adds }) => tree !== null && adds.length <= most) ?? NOWHERE;
  const all = [relaxed, exact, both];
  const isOpen = best(20, ...all).tree === null;
  const isWhole = hunks !== undefined && (await leavesNothing(hunks));
  return {
    ms,
    why: isOpen ? await whyNot(shop, situation, unsound) : [],
    ways: [
      { name: 'git revert, newest first', ...git },
      { name: 'ours, no option', ...none },
      { name: '  or relaxed', ...best(0, relaxed) },
      { name: '  or with up to 5 dependants', ...best(5, exact) },
      { name: '  or with up to 20 dependants', ...best(20, exact) },
      { name: '  or any of these, up to 5 dependants', ...best(5, ...all) },
      { name: '  or any of these, up to 20 dependants', ...best(20, ...all) },
      { name: '  or relaxed, or hunks with nothing left', ...best(0, relaxed, isWhole ? hunks : undefined) },
    ],
  };
}

/** Plain `git revert` and nothing else: what the generator is set by. */
export async function gitAlone({ ledger, scratch, own }) {
  const begin = performance.now();
  const { shop, situation } = await placeOf(ledger, scratch, own);
  const git = await newestFirst(shop.merge, situation);
  return { ms: performance.now() - begin, why: [], ways: [{ name: 'git revert, newest first', ...git }] };
}

/** What a plan leads to without any option; the whole plan is made only where there is one. */
async function plainTree({ ledger, scratch, shop, situation, txn, flags }) {
  const { undone, without } = await answer(shop.merge, situation.history, situation.going);
  if (undone.tree === null || (without !== null && without !== undone.tree))
    return { tree: null, failed: null };
  const { verdict, resultTree } = await planRevert(ledger, scratch, [txn], flags);
  if (verdict !== 'clean' && verdict !== 'noop') return { tree: null, failed: undone.tree };
  return { tree: resultTree ?? situation.history.head };
}

const BODY = { why: [], warnings: [], residue: [], kept: 0 };

async function leavesNothing(hunks) {
  return (await hunks.apply(BODY)).residue.length === 0;
}

/** In words without names, so that they can be counted. */
async function whyNot(shop, { history, going }, unsound) {
  const relaxed = await relaxedAnswer(shop, history, going);
  if (relaxed === null)
    return ['two ways to take it back place by place lead to different files', ...unsound.map(shortened)];
  const kinds = relaxed.files.flatMap(({ path, now, whole, places }) =>
    places.some(({ fate }) => fate === 'blocked') || whole === 'blocked' ? [kindOf(path, now, whole)] : [],
  );
  const blocked = blockedIn(relaxed) === 0 ? ['nothing is blocked'] : [...new Set(kinds)];
  return [...blocked, ...unsound.map(shortened)];
}

function kindOf(path, now, whole) {
  if (path.endsWith('.lock')) return 'a lockfile was changed since';
  if (path.endsWith('.toml')) return 'a manifest was changed beside it';
  if (whole === 'blocked')
    return now === null ? 'a file of it was carried off' : 'a file it added was edited since';
  return 'lines of it stand beside later edits';
}

function shortened(text) {
  return text.replaceAll(/\S+\.(?:x|toml|lock)\S*/g, '…').slice(0, 100);
}

async function placeOf(ledger, scratch, own) {
  const situation = await situationOf(ledger, scratch, own);
  const moved = carriedOff(ledger.repo, scratch, situation.base, situation.tip.oid);
  return {
    shop: { scratch, reader: scratch.reader, merge: mergeIn(scratch, moved), carriedOff: moved },
    situation,
  };
}

async function situationOf(ledger, scratch, own) {
  const tip = await readCommit(ledger.reader, 'main');
  const oldest = await readCommit(ledger.reader, own[0]);
  const changes = await changesOf(ledger.repo, oldest.parents[0], tip.oid);
  return {
    place: ledger.repo,
    tip,
    base: oldest.parents[0],
    history: {
      base: changes[0].before,
      head: tip.tree,
      changes,
      touching: (run, paths) => touching(scratch, run, paths),
    },
    going: new Set(own),
    inseparable: [],
    reverted: [],
    units: own.map((commit) => ({ commit })).reverse(),
    refusal: null,
  };
}

/** As `git revert` goes about it: commit by commit, and over with the first conflict. */
async function newestFirst(merge, { history, going }) {
  const legs = history.changes
    .filter(({ commit }) => going.has(commit))
    .map((change) => ({ run: { changes: [change] }, from: change.after, to: change.before }))
    .reverse();
  const plain = Object.assign(() => null, { along: merge.along });
  return { tree: (await goAlong(plain, history.head, legs)).tree, adds: [] };
}
