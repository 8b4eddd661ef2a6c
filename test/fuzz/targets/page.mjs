import { visibleParts } from '../../../dist/core/escape-html.js';
import { parseDiff } from '../../../dist/evidence/page/diff-text.js';
import { renderPage } from '../../../dist/evidence/page/page.js';
import { holds, texts } from './tools.mjs';

const COMMIT = '3f0c9a51d2b84e6f7a1c5d9e0b2f4a6c8d1e3f50';
const TXN = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';
const LARGEST = 16 * 1024;

/** Elements a page is made of; no text brings another. */
const ELEMENTS = new Set(
  'a article bdi blockquote body br button caption circle code dd details div dl dt em footer g h1 h2 h3 h4 head header html input label li line main meta nav noscript ol p path pre rect script section span strong style summary svg symbol table tbody td text th thead time title tr ul use var'.split(
    ' ',
  ),
);

export const pageTargets = [
  {
    name: 'page:diff',
    seeds: async () =>
      texts(
        'diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@ f()\n x\n-y\n+z\n\\ No newline at end of file\n',
        'diff --git "a/\\303\\251" "b/\\303\\251"\nBinary files differ\n',
      ),
    run(bytes) {
      const text = bytes.toString('utf8', 0, LARGEST);
      for (const { path, lines, added, removed } of parseDiff(text)) {
        holds(typeof path === 'string', 'a file of a diff has a path');
        holds(added + removed <= lines.length, 'no more lines are told than there are');
        holds(
          lines.every(({ line }) => line === null || Number.isSafeInteger(line) || line > 0),
          'a line has a number',
        );
      }
    },
  },
  {
    name: 'page:text',
    seeds: async () =>
      texts(
        '<script>alert(1)</script>',
        '"><img src=x onerror=y>',
        '\u202eabc\u202c',
        '</style><!--',
        '{"a":[1]}',
      ),
    run(bytes) {
      const text = bytes.toString('utf8', 0, LARGEST);
      holds(
        !/[\u202a-\u202e\u0000-\u0008]/.test(
          visibleParts(text, true)
            .map((part) => part.text)
            .join(''),
        ),
        'all is seen',
      );
      const source = renderPage(documentWith(text), new Map([[COMMIT, text]]));
      const body = source.slice(source.indexOf('</style>')).replace(/<script>[\s\S]*<\/script>/, '');
      for (const [, name] of body.matchAll(/<\/?([^\s>]*)/g))
        holds(ELEMENTS.has(name), `a text makes no <${name}>`);
      holds(body.match(/<script/g)?.length === 1, 'a text makes no script');
    },
  },
];

/** A small document, with a text everywhere one may stand. */
function documentWith(text) {
  const digest = `hmac-sha256:${'c1'.repeat(32)}`;
  const person = { name: text, email: text };
  const at = '2026-11-20T09:02:11Z';
  const call = {
    id: text,
    name: text,
    status: 'ok',
    argsDigest: digest,
    resultDigest: digest,
    args: text,
    result: text,
  };
  const change = {
    schema: 'agent-log/show/v1',
    commit: COMMIT,
    subject: text,
    authorship: 'agent',
    binding: 'exact',
    sealed: true,
    record: `sha256:${'a1'.repeat(32)}`,
    recordedAt: text,
    txn: TXN,
    agent: { name: text, version: text, sessionId: text },
    model: { provider: text, name: text },
    sponsor: { ...person, source: text, verified: false },
    task: { text, digest, ref: text },
    reason: { text, digest },
    base: { commit: COMMIT, tree: COMMIT, branch: text, dirty: true, dirtyPaths: [text] },
    prompts: [{ text, digest, at }],
    context: [{ kind: text, uri: text, digest: text }],
    toolCalls: [call],
    usage: null,
    files: [{ path: text, by: 'agent', change: text, classes: [text] }],
    decisions: [],
    approvals: [],
    landings: [],
    reverts: [],
    relands: [],
    replays: [],
    exceptions: [],
    integrity: { ok: false, problems: [text] },
  };
  return {
    schema: 'agent-log/evidence/v1',
    madeAt: at,
    question: { kind: 'txn', name: text, classes: [text] },
    repository: { format: 'sha1', roots: [COMMIT], target: { ref: `refs/heads/${text}`, commit: COMMIT } },
    ledger: { ref: 'refs/notes/agent-log', tip: COMMIT },
    txns: [{ txn: TXN, commits: [COMMIT], sponsor: person, state: 'landed' }],
    changes: [change],
    authors: [{ name: text, email: text, known: text }],
    mergeRequests: [],
    decisions: [],
    approvals: [],
    diffs: [],
    rollbacks: [{ txn: TXN, plan: null, problem: text }],
    requests: [],
    missing: [{ kind: 'text', of: text, why: text, exception: text }],
  };
}
