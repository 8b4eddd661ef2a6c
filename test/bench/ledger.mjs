import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { interleave, row, time } from './measure.mjs';
import { makeFolder, makeRepo, PROGRAM, removeFolder, run } from './place.mjs';
import { commitStream, history } from './synthetic.mjs';

const here = dirname(fileURLToPath(import.meta.url));

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
    show: (round) => time(process.execPath, [PROGRAM, 'show', shown(round), '--json'], { cwd: dir, env }),
    node: () => time(process.execPath, ['-e', ''], { cwd: dir, env }),
  });
  removeFolder(root);
  const label = `show one commit of ${count.toLocaleString('en')} records`;
  return [row(label, { ms: ms.show, floor: 'empty node', floorMs: ms.node, goal: 1.6, rounds })];
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

/** A repository with commits made by one fast-import, and a file with the records that belong to them. */
export async function makeHistory(root, count) {
  const { encodeRecord } = await import('../../dist/index.js');
  const repo = makeRepo(root, 'ledger');
  const notes = join(root, 'notes');
  const commits = [];
  const texts = new Map();
  const made = [];
  const out = openSync(notes, 'w');
  for (const entry of history(count, encodeRecord)) {
    commits.push(entry.commit);
    made.push({ message: entry.message, date: entry.date, content: entry.content });
    texts.set(entry.commit, `${entry.lines.join('\n')}\n`);
    writeSync(out, `${entry.commit}\t${entry.lines.join('\t')}\n`);
  }
  closeSync(out);
  const stream = join(root, 'commits');
  writeAll(stream, commitStream(made));
  time('git', ['fast-import', '--quiet', '--done'], { cwd: repo.dir, env: repo.env, stdin: stream });
  if (repo.git('rev-parse', 'main') !== commits.at(-1))
    throw new Error('the synthetic history is not what git made');
  return { repo, commits, notes, texts };
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
  const env = { ...process.env };
  return Number(
    run(process.execPath, ['--max-old-space-size=4096', join(here, script), dir, input], { env }),
  );
}
