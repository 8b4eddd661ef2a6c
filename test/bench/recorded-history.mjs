import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { child } from './ledger.mjs';
import { time } from './measure.mjs';
import { run } from './place.mjs';
import { ulid } from './synthetic.mjs';

const PERSON = 'Jane Doe <jane@example.com>';
const START = Date.UTC(2026, 0, 1) / 1000;

/** The id of a transaction by its number. */
export function txnOf(task) {
  return ulid('T', task);
}

/**
 * Makes commits in one fast-import, and a record with its binding for each that an agent made. A commit is
 * `{ files, gone, task }`: contents by path, paths that go, and the number of its transaction or null for a person's.
 * `withBlobs` records what each file was left as, `withPatches` the patch-id of each commit. Gives the commits' ids, oldest first.
 */
export async function recordedHistory(root, repo, commits, { withBlobs = false, withPatches = false } = {}) {
  const { encodeRecord } = await import('../../dist/index.js');
  const [stream, notes] = [join(root, 'commits'), join(root, 'notes')];
  writeFileSync(stream, [...commitStream(commits)].join(''));
  time('git', ['fast-import', '--quiet', '--done'], { cwd: repo.dir, env: repo.env, stdin: stream });
  const made = repo
    .git('log', '--reverse', '--format=%H %T %P', 'main')
    .split('\n')
    .map((line) => line.trim().split(' '));
  if (made.length !== commits.length)
    throw new Error(`${made.length} of ${commits.length} commits were made`);
  const lines = [];
  const patches = withPatches ? patchIds(repo) : new Map();
  const last = new Map();
  const known = new Set();
  for (const [at, { task, files, gone }] of commits.entries()) {
    const changed = [...changedFiles({ files, gone, known, withBlobs })];
    if (task === null) continue;
    const { seq, prev } = last.get(task) ?? { seq: 0, prev: null };
    const record = encodeRecord(executionOf({ at, task, seq: seq + 1, prev, made, changed }));
    last.set(task, { seq: seq + 1, prev: record.digest });
    const binding = encodeRecord(
      bindingOf({ at, task, digest: record.digest, made, patchId: patches.get(made[at][0]) ?? null }),
    );
    lines.push(`${made[at][0]}\t${record.line}\t${binding.line}\n`);
  }
  writeFileSync(notes, lines.join(''));
  child('append.mjs', repo.dir, notes);
  repo.git('repack', '-adq');
  repo.git('pack-refs', '--all');
  return made.map(([oid]) => oid);
}

const DIFF =
  'git diff-tree --stdin --root -p --full-index --binary -U3 --inter-hunk-context=0 --no-renames --diff-algorithm=myers --indent-heuristic';

/** Patch-ids as records have them, by commit. */
function patchIds({ dir, env }) {
  const said = run('sh', ['-c', `git rev-list main | ${DIFF} | git patch-id --verbatim`], { cwd: dir, env });
  return new Map(said.split('\n').map((line) => line.split(' ').reverse()));
}

function* commitStream(commits) {
  for (const [at, { files, gone, task }] of commits.entries()) {
    const message = `${task === null ? 'By hand' : 'By an agent'} ${at}`;
    yield `commit refs/heads/main\nauthor ${PERSON} ${START + at} +0000\ncommitter ${PERSON} ${START + at} +0000\n`;
    yield `data ${message.length}\n${message}\n`;
    for (const path of gone) yield `D ${path}\n`;
    for (const [path, text] of Object.entries(files))
      yield `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
  }
  yield 'done\n';
}

/** What a commit changes, and what there is from then on (`known`). */
function* changedFiles({ files, gone, known, withBlobs }) {
  for (const [path, text] of Object.entries(files)) {
    const change = withBlobs && !known.has(path) ? 'added' : 'modified';
    known.add(path);
    yield { path, by: 'agent', change, blob: withBlobs ? blobOf(text) : null };
  }
  for (const path of gone) {
    known.delete(path);
    yield { path, by: 'agent', change: withBlobs ? 'deleted' : 'modified', blob: null };
  }
}

function blobOf(text) {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
}

function executionOf({ at, task, seq, prev, made, changed }) {
  const [, tree] = made[at];
  const [head, headTree, ...parents] = made[at - 1];
  return {
    schema: 'agent-log/execution/v1',
    id: ulid('E', at),
    txn: txnOf(task),
    seq,
    prev,
    recordedAt: new Date((START + at) * 1000).toISOString(),
    agent: { name: 'test-agent', version: '1.0', sessionId: null, chain: [] },
    model: { provider: null, name: 'test-model' },
    sponsor: { name: 'Jane Doe', email: 'jane@example.com', source: 'flag' },
    task: null,
    base: { commit: head, tree: headTree, branch: 'main', dirty: false },
    head: { commit: head, tree: headTree, parents },
    tree,
    ledger: null,
    prompts: [],
    context: [],
    toolCalls: [],
    reason: null,
    usage: null,
    environment: { platform: 'linux', arch: 'x64', tools: {} },
    files: changed,
    redactions: [],
    capture: { by: 'library', gaps: [] },
  };
}

function bindingOf({ at, task, digest, made, patchId }) {
  const [commit, tree, ...parents] = made[at];
  return {
    schema: 'agent-log/binding/v1',
    id: ulid('B', at),
    txn: txnOf(task),
    record: digest,
    commit,
    parents,
    tree,
    patchId,
    grade: 'exact',
    sealed: false,
    via: 'bench',
    branch: 'main',
    boundAt: new Date((START + at) * 1000).toISOString(),
  };
}
