import { withoutMoves } from './moves.mjs';

/**
 * What has to be in the files, and what must not be, once some commits are taken back: by what the generator knows of each
 * line, and by nothing a planner says. A line is whose who wrote it: to move it is to change where it stands. `going` are
 * the commits' numbers; only what stands in `paths` now is told.
 */
export function truthOf(commits, world, going, paths) {
  const truth = {
    keep: new Map(),
    gone: new Map(),
    back: new Map(),
    may: new Map(),
    order: [],
    moved: new Set(),
  };
  const files = withoutMoves(commits, world, going);
  for (const [path, lines] of files)
    for (const line of paths.has(path) ? lines : []) {
      const goes = going.has(line.owner);
      count(goes ? truth.gone : truth.keep, line.text);
      if (!goes) truth.order.push({ text: line.text, path });
    }
  const follows = neighboursIn(files, world);
  for (const number of going)
    for (const { from, to, hunks } of commits[number].changes) {
      if (from !== to) for (const path of [from, to]) truth.moved.add(path);
      for (const hunk of hunks)
        for (const line of hunk.removed)
          if (!going.has(line.owner))
            count(mustBeBack(hunk, going, follows) ? truth.back : truth.may, line.text);
    }
  return truth;
}

/** Tells whether one line stands right after another; where blocks were put back, as they stand then. */
function neighboursIn(files, world) {
  const after = new Map();
  for (const [path, lines] of files)
    if (lines !== world.files.get(path))
      for (const [i, line] of lines.entries()) after.set(line, lines[i + 1] ?? null);
  return (line, next) => (after.has(line) ? after.get(line) : line.after) === next;
}

function count(counts, text) {
  counts.set(text, (counts.get(text) ?? 0) + 1);
}

/** What a change replaced comes back as long as something it put there is still in force. */
function mustBeBack({ added, prev, next }, going, follows) {
  if (added.length > 0) return added.some((line) => isInForce(line, going));
  // Where it only took away: as long as what stood around it still does, side by side.
  const stands = (line) => line !== null && line.removedBy === undefined;
  return stands(prev) && stands(next) && follows(prev, next);
}

function isInForce(line, going) {
  const hunk = line.removedBy;
  if (hunk === undefined) return true;
  return going.has(hunk.number) && hunk.added.some((other) => isInForce(other, going));
}

/** Lets every line know which one stands after it. */
export function linkLines(world) {
  for (const lines of world.files.values())
    for (const [i, line] of lines.entries()) line.after = lines[i + 1] ?? null;
}

/**
 * Holds a result (texts by path) against what is true. `left` are lines that should be gone, `lost` others' lines that are,
 * `missing` what should be back, `invented` what nobody should see there, `astray` others' lines at another place.
 */
export function judge(truth, files) {
  const found = new Map();
  const places = new Map();
  for (const [path, text] of files)
    for (const [at, line] of text.split('\n').slice(0, -1).entries()) {
      count(found, line);
      places.set(line, { path, at });
    }
  const of = (counts, text) => counts.get(text) ?? 0;
  const verdict = { left: 0, lost: 0, missing: 0, invented: 0, astray: 0, own: 0, examples: [] };
  const texts = new Set([...found.keys(), ...truth.keep.keys(), ...truth.gone.keys(), ...truth.back.keys()]);
  for (const text of texts) {
    const [is, keep, back, may] = [found, truth.keep, truth.back, truth.may].map((counts) =>
      of(counts, text),
    );
    const gone = of(truth.gone, text);
    verdict.own += gone;
    if (is < keep) {
      verdict.lost += keep - is;
      verdict.examples.push(text);
    }
    if (is < keep + back) verdict.missing += keep + back - Math.max(is, keep);
    const over = Math.max(0, is - keep - back - may);
    verdict.left += Math.min(over, gone);
    verdict.invented += Math.max(0, over - gone);
  }
  verdict.astray = astray(truth, places, found);
  return verdict;
}

/** Lines that are there once, and stand in another file or the other way round than they should. */
function astray({ order, moved, keep }, places, found) {
  let wrong = 0;
  let last = { path: '', at: -1, of: '' };
  for (const { text, path } of order) {
    if (keep.get(text) !== 1 || found.get(text) !== 1) continue;
    const place = places.get(text);
    if (place.path !== path && !moved.has(path)) wrong++;
    if (place.path === last.path && path === last.of && place.at < last.at) wrong++;
    last = { ...place, of: path };
  }
  return wrong;
}

/** Complete (at most one in a hundred of its lines is left, none below twenty, and what it replaced is back) and bounded. */
export function isRight({ left, lost, missing, invented, astray: wrong, own }) {
  const few = own < 20 ? 0 : Math.floor(own / 100);
  return left <= few && lost === 0 && missing === 0 && invented === 0 && wrong === 0;
}
