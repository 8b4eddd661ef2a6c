import { createHash } from 'node:crypto';

const hex = (text, length = 64) => createHash('sha256').update(text).digest('hex').slice(0, length);
const blobId = (content) => objectId('blob', Buffer.from(content));
const START = Date.UTC(2026, 0, 1) / 1000;
const PERSON = 'Jane Doe <jane@example.com>';
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function objectId(type, content) {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

/**
 * A history of commits as an agent makes them, each with its sealed record and its binding. Object ids are computed
 * here, so that a record can name what git has yet to write. `encode` is the library's encodeRecord; `src` the tree of a
 * folder that every commit has and none changes, null for none.
 * @param {string | null} src
 */
export function* history(count, encode, src = null) {
  const folder = src === null ? [] : [Buffer.from('40000 src\0'), Buffer.from(src, 'hex')];
  let parent = null;
  let tree = null;
  let grandparents = [];
  let prev = null;
  for (let i = 0; i < count; i++) {
    const content = `line ${i}\n`;
    const blob = blobId(content);
    const nextTree = objectId(
      'tree',
      Buffer.concat([Buffer.from('100644 file.txt\0'), Buffer.from(blob, 'hex'), ...folder]),
    );
    const seq = (i % 5) + 1;
    const txn = ulid('T', Math.floor(i / 5));
    const head = { commit: parent, tree, parents: grandparents };
    const record = execution({ i, seq, txn, prev: seq === 1 ? null : prev, head, tree: nextTree, blob });
    const stored = encode(record);
    const message = `Change ${i}\n\nAgent-Txn: ${txn}\nAgent-Record: ${stored.digest}\nAgent-Sponsor: ${PERSON}\nAssisted-by: claude-code:claude-sonnet-4-5\n`;
    const date = START + i;
    const text = `tree ${nextTree}\n${parent === null ? '' : `parent ${parent}\n`}author ${PERSON} ${date} +0000\ncommitter ${PERSON} ${date} +0000\n\n${message}`;
    const commit = objectId('commit', Buffer.from(text));
    const binding = encode(bindingOf({ i, record, digest: stored.digest, commit, parent, tree: nextTree }));
    yield { commit, message, date, content, lines: [stored.line, binding.line] };
    grandparents = parent === null ? [] : [parent];
    [parent, tree, prev] = [commit, nextTree, stored.digest];
  }
}

/**
 * The commits as a stream for git fast-import.
 * @param {string | null} src
 */
export function* commitStream(commits, src = null) {
  for (const [i, { message, date, content }] of commits.entries()) {
    yield `commit refs/heads/main\nauthor ${PERSON} ${date} +0000\ncommitter ${PERSON} ${date} +0000\n`;
    yield `data ${Buffer.byteLength(message)}\n${message}\n`;
    yield `M 100644 inline file.txt\ndata ${content.length}\n${content}\n`;
    if (i === 0 && src !== null) yield `M 040000 ${src} src\n`;
  }
  yield 'done\n';
}

export function ulid(kind, i) {
  let text = '';
  for (let digit = 0, rest = i; digit < 24; digit++, rest = Math.floor(rest / 32))
    text = ALPHABET[rest % 32] + text;
  return `0${kind}${text}`;
}

/** About two kilobytes, as the record of a commit with a prompt and four tool calls has. */
function execution({ i, seq, txn, prev, head, tree, blob }) {
  const at = new Date((START + i) * 1000).toISOString();
  const digest = (what) => `hmac-sha256:${hex(`${what} ${i}`)}`;
  const call = (id, name, extra = {}) => ({
    id: `toolu_01${hex(`${id} ${i}`, 22)}`,
    name,
    status: 'ok',
    args: { digest: digest(`args ${id}`), size: 180 + (i % 90) },
    result: { digest: digest(`result ${id}`), size: 420 + (i % 300) },
    startedAt: at,
    endedAt: at,
    ...extra,
  });
  return {
    schema: 'agent-log/execution/v1',
    id: ulid('E', i),
    txn,
    seq,
    prev,
    recordedAt: at,
    agent: {
      name: 'claude-code',
      version: '2.1.330',
      sessionId: `${hex(`session ${txn}`, 8)}-54c8-47bb-b1fc-899fbd63f387`,
      chain: [],
    },
    model: { provider: 'anthropic', name: 'claude-sonnet-4-5' },
    sponsor: { name: 'Jane Doe', email: 'jane@example.com', source: 'git-config' },
    task: { digest: digest('task'), size: 240, ref: null, source: 'prompt' },
    base: { ...head, branch: 'main', dirty: false, parents: undefined },
    head,
    tree,
    ledger: null,
    prompts: [{ digest: digest('task'), size: 240, at }],
    context: [{ kind: 'file', uri: 'file.txt', blob }],
    toolCalls: [
      call('read', 'Read'),
      call('edit', 'Edit', { files: [{ path: 'file.txt', blob }] }),
      { ...call('bash', 'Bash'), status: 'running', result: null, endedAt: null },
    ],
    reason: { digest: digest('reason'), size: 61 },
    usage: {
      inputTokens: 800 + i,
      outputTokens: 96,
      cacheReadInputTokens: 18_200,
      cacheCreationInputTokens: 310,
    },
    environment: {
      platform: 'linux',
      arch: 'x64',
      tools: { node: '20.20.2', git: '2.39.5', 'claude-code': '2.1.330' },
    },
    files: [{ path: 'file.txt', change: 'modified', blob, by: 'agent' }],
    redactions: [],
    capture: { by: 'hooks', gaps: [] },
  };
}

function bindingOf({ i, record, digest, commit, parent, tree }) {
  return {
    schema: 'agent-log/binding/v1',
    id: ulid('B', i),
    txn: record.txn,
    record: digest,
    commit,
    parents: parent === null ? [] : [parent],
    tree,
    patchId: hex(`patch ${i}`, 40),
    grade: 'exact',
    sealed: true,
    via: 'post-commit',
    branch: 'main',
    boundAt: record.recordedAt,
  };
}
