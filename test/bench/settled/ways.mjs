import { readCommit } from '../../../dist/git/objects.js';
import { planRevert } from '../../../dist/index.js';
import { carriedOff } from '../../../dist/revert/carried-off.js';
import { goAlong } from '../../../dist/revert/change.js';
import { changesOf, mergeIn, touching } from '../../../dist/revert/history.js';
import { waysThrough } from '../../../dist/revert/ways/through.js';

/**
 * Every way to take a transaction back, with the tree it leads to and the commits that go besides (by id); null where a way
 * leads nowhere. `ms` is what making the plan takes.
 */
export async function everyWay({ ledger, scratch, txn, own, verify }) {
  const begin = performance.now();
  const plan = await planRevert(ledger, scratch, [txn], { verify });
  const ms = performance.now() - begin;
  const situation = await situationOf(ledger, scratch, own);
  const moved = carriedOff(ledger.repo, scratch, situation.base, situation.tip.oid);
  const shop = { scratch, reader: scratch.reader, merge: mergeIn(scratch, moved), carriedOff: moved };
  const { history } = situation;
  const isPlain = plan.verdict === 'clean' || plan.verdict === 'noop';
  const plainTree = isPlain ? (plan.resultTree ?? history.head) : null;
  const found = isPlain ? [] : (await waysThrough(ledger, shop, situation, { verify }, null)).ways;
  const offered = await Promise.all(found.map((way) => asOffered(way, plan)));
  const none = { tree: plainTree, adds: [] };
  const best = (...wanted) => pick([none, ...wanted.filter((one) => one !== undefined)]);
  const [relaxed, exact, both, hunks] = [
    '--relaxed',
    '--with-dependants',
    '--relaxed --with-dependants',
    '--hunks',
  ].map((flag) => offered.find((one) => one.flag === flag));
  const upTo = (most, ...ways) => best(...ways.filter((way) => way !== undefined && way.adds.length <= most));
  return {
    ms,
    ways: [
      { name: 'git revert, newest first', ...(await newestFirst(shop.merge, situation)) },
      { name: 'ours, no option', ...none },
      { name: '  or relaxed', ...best(relaxed) },
      { name: '  or with up to 5 dependants', ...upTo(5, exact) },
      { name: '  or with up to 20 dependants', ...upTo(20, exact) },
      { name: '  or any of these, up to 5 dependants', ...upTo(5, relaxed, exact, both) },
      { name: '  or any of these, up to 20 dependants', ...upTo(20, relaxed, exact, both) },
      { name: '  or hunks, and nothing left', ...best(relaxed, hunks?.isWhole === true ? hunks : undefined) },
    ],
  };
}

/** The first that leads somewhere; of those the one whose result is verified, which is what a plan would do. */
function pick(ways) {
  const there = ways.filter(({ tree }) => tree !== null);
  return there.find(({ verified }) => verified !== false) ?? { tree: null, adds: [] };
}

async function asOffered(way, plan) {
  const { verified, residue } = await way.apply(plan);
  return {
    flag: way.option.flag,
    adds: way.option.adds,
    tree: way.tree,
    verified,
    isWhole: residue.length === 0,
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
async function newestFirst({ along }, { history, going }) {
  const legs = history.changes
    .filter(({ commit }) => going.has(commit))
    .map((change) => ({ run: { changes: [change] }, from: change.after, to: change.before }))
    .reverse();
  const merge = Object.assign(() => null, { along });
  return { tree: (await goAlong(merge, history.head, legs)).tree, adds: [] };
}
