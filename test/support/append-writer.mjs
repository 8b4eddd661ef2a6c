// A writer of its own process: appends its share of records, one by one, and says each digest once it is acknowledged.
import { appendToNotes, encodeRecord, findRepository, newUlid, openLedger } from '../../dist/index.js';

const [dir, writer, ...objects] = process.argv.slice(2);
const ledger = openLedger(await findRepository({ cwd: dir }));
for (const [i, object] of objects.entries()) {
  const now = Date.now();
  const { line, digest } = encodeRecord({
    schema: 'agent-log/execution/v1',
    id: newUlid(now),
    txn: newUlid(now),
    seq: i + 1,
    prev: null,
    recordedAt: new Date(now).toISOString(),
    agent: { name: writer, version: null, sessionId: null, chain: [] },
    model: { provider: null, name: null },
    sponsor: null,
    task: null,
    base: { commit: null, tree: null, branch: null, dirty: null },
    head: { commit: null, tree: null, parents: [] },
    tree: null,
    ledger: null,
    prompts: [],
    context: [],
    toolCalls: [],
    reason: null,
    usage: null,
    environment: { platform: 'linux', arch: 'x64', tools: {} },
    files: [],
    redactions: [],
    capture: { by: 'library', gaps: [] },
  });
  const identity = `${writer} <${writer}@example.com> ${Math.floor(now / 1000)} +0000`;
  await appendToNotes(ledger, [{ object, lines: () => [line] }], { identity, message: `test: ${writer}\n` });
  process.stdout.write(`${object} ${digest}\n`);
}
ledger.close();
