import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { interleave, row, time } from './measure.mjs';
import { makeFolder, makeRepo, PROGRAM, removeFolder, run } from './place.mjs';
import { commitStream, history } from './synthetic.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const LEAST = join(here, 'least.cjs');

/** `show` of one commit in a large ledger, in empty node programs. */
export async function showOne({ quick }) {
  const count = quick ? 5000 : 100_000;
  const rounds = quick ? 15 : 61;
  const root = makeFolder();
  const { repo, commits, notes } = await makeHistory(root, count);
  child('append.mjs', repo.dir, notes);
  repo.git('repack', '-adq');
  repo.git('pack-refs', '--all');
  const { env, dir } = repo;
  const shown = (round) => commits[Math.abs(round * 7919 + 13) % count];
  const ms = await interleave(rounds, {
    show: (round) => time(PROGRAM, ['show', shown(round), '--json'], { cwd: dir, env }),
    asked: (round) => time(process.execPath, [LEAST, shown(round)], { cwd: dir, env }),
    checked: (round) => time(process.execPath, [LEAST, shown(round), 'digest'], { cwd: dir, env }),
    node: () => time(process.execPath, ['-e', ''], { cwd: dir, env }),
  });
  removeFolder(root);
  const floor = { floor: 'empty node', floorMs: ms.node, rounds };
  return [
    row(`show one commit of ${count.toLocaleString('en')} records`, { ...floor, ms: ms.show, goal: 1.6 }),
    row('  the least: hearing one word of git', { ...floor, ms: ms.asked }),
    row('  the least: and taking a digest of it', { ...floor, ms: ms.checked }),
  ];
}

/** The derived index: from nothing, with what a day adds, and what a look-up in it takes. */
export async function derivedIndex({ quick }) {
  const count = quick ? 5000 : 100_000;
  const rounds = quick ? 3 : 5;
  const added = 100;
  const root = makeFolder();
  const { repo, notes, txns } = await makeHistory(root, count + added * (rounds + 2));
  const lines = readFileSync(notes, 'utf8').split('\n');
  const append = (from, to) => {
    const part = join(root, 'part');
    writeFileSync(part, lines.slice(from, to).join('\n'));
    child('append.mjs', repo.dir, part);
  };
  append(0, count);
  repo.git('repack', '-adq');
  repo.git('pack-refs', '--all');
  const peaks = [];
  const index = (...anew) => {
    const { ms, peak, rows } = JSON.parse(childText('index.mjs', repo.dir, ...anew));
    if (rows < count) throw new Error(`${rows} rows of ${count} records`);
    peaks.push(peak);
    return ms;
  };
  const reads = plainReads(root, repo);
  const whole = await interleave(rounds, { index: () => index('anew'), ...reads }, 1);
  const [read, readMs] = Object.entries(reads)
    .map(([name]) => [name, whole[name]])
    .sort(([, a], [, b]) => a - b)[0];
  let next = count;
  const more = await interleave(rounds, {
    add: () => {
      append(next, next + added);
      next += added;
      return index();
    },
  });
  const shown = (round) => txns[Math.abs(round * 7919 + 13) % count];
  const { env, dir } = repo;
  const show = await interleave(quick ? 15 : 41, {
    show: (round) => time(PROGRAM, ['show', shown(round), '--json'], { cwd: dir, env }),
    node: () => time(process.execPath, ['-e', ''], { cwd: dir, env }),
  });
  removeFolder(root);
  const many = count.toLocaleString('en');
  const peak = Math.max(...peaks);
  return [
    {
      ...row(`index ${many} records`, { ms: whole.index, floor: read, floorMs: readMs, goal: 1.5, rounds }),
      peak,
    },
    row(`add ${added} to it, in % of that`, {
      ms: more.add,
      floor: 'all of it',
      floorMs: whole.index,
      ratio: (100 * more.add) / whole.index,
      goal: 3,
      rounds,
    }),
    row(`show a transaction of ${many} records`, {
      ms: show.show,
      floor: 'empty node',
      floorMs: show.node,
      goal: 2,
      rounds: quick ? 15 : 41,
    }),
  ];
}

/** The ways git has to read all notes, none of which does anything with them. The quickest is the measure. */
function plainReads(root, { dir, env, git }) {
  const blobs = git('ls-tree', '-r', '--format=%(objectname)', 'refs/notes/agent-log').split('\n');
  const [tree, pack] = [join(root, 'tree-order'), join(root, 'pack-order')];
  writeFileSync(tree, `${blobs.join('\n')}\n`);
  const wanted = new Set(blobs);
  const all = git('cat-file', '--batch-all-objects', '--unordered', '--batch-check=%(objectname)').split(
    '\n',
  );
  writeFileSync(pack, `${all.filter((oid) => wanted.has(oid)).join('\n')}\n`);
  const cache = ['-c', 'core.deltaBaseCacheLimit=1g'];
  const read = (...args) => ['git', [...cache, 'cat-file', '--batch', '--buffer', ...args]];
  const grep = ['git', [...cache, 'grep', '--threads=1', '-c', 'schema', 'refs/notes/agent-log']];
  return {
    'cat-file': () => time(...read(), { cwd: dir, env, stdin: tree }),
    'in packs': () => time(...read(), { cwd: dir, env, stdin: pack }),
    grep: () => time(...grep, { cwd: dir, env }),
  };
}

/** Bulk append through the library, in units of git fast-import of the same bytes to the same paths. */
export async function bulkAppend({ quick }) {
  const count = quick ? 5000 : 100_000;
  const rounds = 3;
  const root = makeFolder();
  const { repo, notes, texts } = await makeHistory(root, count);
  child('append.mjs', repo.dir, notes);
  const stream = join(root, 'stream');
  writeNoteStream(repo, texts, stream);
  let n = 0;
  // Only the ledger is written, so the commits it speaks of need not be there, and every round starts from nothing.
  const inFreshRepo = (script, input) => () => {
    const fresh = makeRepo(root, `fresh-${n++}`);
    const ms = child(script, fresh.dir, input);
    const tree = fresh.git('rev-parse', 'refs/notes/agent-log^{tree}');
    if (tree !== repo.git('rev-parse', 'refs/notes/agent-log^{tree}'))
      throw new Error(`${script}: another tree`);
    removeFolder(fresh.dir);
    return ms;
  };
  const sides = {
    library: inFreshRepo('append.mjs', notes),
    import: inFreshRepo('import.mjs', stream),
  };
  const ms = await interleave(rounds, sides, 0);
  removeFolder(root);
  const label = `append ${count.toLocaleString('en')} records at once`;
  return [row(label, { ms: ms.library, floor: 'fast-import', floorMs: ms.import, goal: 1.5, rounds })];
}

/**
 * A repository with commits made by one fast-import, and a file with the records that belong to them. `addSrc` puts files
 * below src/ into the new repository's index: every commit has them.
 */
export async function makeHistory(root, count, addSrc = null) {
  const { encodeRecord } = await import('../../dist/index.js');
  const repo = makeRepo(root, 'ledger');
  addSrc?.(repo);
  const src = addSrc === null ? null : repo.git('write-tree', '--prefix=src/');
  const notes = join(root, 'notes');
  const commits = [];
  const texts = new Map();
  const txns = [];
  const made = [];
  const out = openSync(notes, 'w');
  for (const entry of history(count, encodeRecord, src)) {
    commits.push(entry.commit);
    txns.push(JSON.parse(entry.lines[0]).txn);
    made.push({ message: entry.message, date: entry.date, content: entry.content });
    texts.set(entry.commit, `${entry.lines.join('\n')}\n`);
    writeSync(out, `${entry.commit}\t${entry.lines.join('\t')}\n`);
  }
  closeSync(out);
  const stream = join(root, 'commits');
  writeAll(stream, commitStream(made, src));
  time('git', ['fast-import', '--quiet', '--done'], { cwd: repo.dir, env: repo.env, stdin: stream });
  if (repo.git('rev-parse', 'main') !== commits.at(-1))
    throw new Error('the synthetic history is not what git made');
  return { repo, commits, notes, texts, txns };
}

/** The notes the library wrote, at the paths it chose, as a stream that makes the same tree. */
function writeNoteStream(repo, texts, file) {
  const paths = repo.git('ls-tree', '-r', '--name-only', 'refs/notes/agent-log').split('\n');
  writeAll(
    file,
    (function* () {
      yield 'commit refs/notes/agent-log\ncommitter Jane Doe <jane@example.com> 1767225600 +0000\n';
      yield 'data 17\nagent-log: bench\n\n';
      for (const path of paths) {
        const text = texts.get(path.replaceAll('/', ''));
        yield `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
      }
      yield 'done\n';
    })(),
  );
}

function writeAll(file, parts) {
  const out = openSync(file, 'w');
  for (const part of parts) writeSync(out, part);
  closeSync(out);
}

export function child(script, dir, input) {
  return Number(childText(script, dir, input));
}

function childText(script, ...args) {
  const env = { ...process.env };
  return run(process.execPath, ['--max-old-space-size=4096', join(here, script), ...args], { env });
}
