import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { child } from './ledger.mjs';
import { time } from './measure.mjs';
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
 * Gives the commits' ids, oldest first.
 */
export async function recordedHistory(root, repo, commits) {
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
  const last = new Map();
  for (const [at, { task, files, gone }] of commits.entries()) {
    if (task === null) continue;
    const { seq, prev } = last.get(task) ?? { seq: 0, prev: null };
    const paths = [...Object.keys(files), ...gone];
    const record = encodeRecord(executionOf({ at, task, seq: seq + 1, prev, made, paths }));
    last.set(task, { seq: seq + 1, prev: record.digest });
    const binding = encodeRecord(bindingOf({ at, task, digest: record.digest, made }));
    lines.push(`${made[at][0]}\t${record.line}\t${binding.line}\n`);
  }
  writeFileSync(notes, lines.join(''));
  child('append.mjs', repo.dir, notes);
  repo.git('repack', '-adq');
  repo.git('pack-refs', '--all');
  return made.map(([oid]) => oid);
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

function executionOf({ at, task, seq, prev, made, paths }) {
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
    files: paths.map((path) => ({ path, by: 'agent', change: 'modified', blob: null })),
    redactions: [],
    capture: { by: 'library', gaps: [] },
  };
}

function bindingOf({ at, task, digest, made }) {
  const [commit, tree, ...parents] = made[at];
  return {
    schema: 'agent-log/binding/v1',
    id: ulid('B', at),
    txn: txnOf(task),
    record: digest,
    commit,
    parents,
    tree,
    patchId: null,
    grade: 'exact',
    sealed: false,
    via: 'bench',
    branch: 'main',
    boundAt: new Date((START + at) * 1000).toISOString(),
  };
}
