import { parseNote } from '../../../dist/core/records/note.js';
import { encodeRecord } from '../../../dist/core/records/record.js';
import { stepsBetween } from '../../../dist/core/records/squash.js';
import { newUlid } from '../../../dist/core/ulid.js';
import { candidatesOf } from '../../../dist/ledger/binding/candidates.js';
import { landingsOf } from '../../../dist/ledger/binding/landings.js';
import { expectCleanPrototype, holds } from './tools.mjs';

const AT = '2026-11-22T12:00:00.000Z';
const oid = (digit) => digit.repeat(40);

/** A note as a rewritten commit leaves it: a record, how it was bound, and where it went. */
function rewrittenNote() {
  const txn = newUlid(0);
  const execution = encodeRecord({
    schema: 'agent-log/execution/v1',
    id: newUlid(0),
    txn,
    seq: 1,
    prev: null,
    recordedAt: AT,
    agent: { name: 'test-agent', version: null, sessionId: null, chain: [] },
    model: { provider: null, name: null },
    sponsor: null,
    task: null,
    base: { commit: null, tree: null, branch: null, dirty: null },
    head: { commit: oid('1'), tree: oid('2'), parents: [] },
    tree: oid('3'),
    ledger: null,
    prompts: [],
    context: [],
    toolCalls: [],
    reason: null,
    usage: null,
    environment: { platform: 'x', arch: 'x', tools: {} },
    files: [{ path: 'a', by: 'agent', change: 'added', blob: oid('4') }],
    redactions: [],
    capture: { by: 'library', gaps: [] },
  });
  const known = { txn, record: execution.digest, parents: [oid('1')], tree: oid('3'), patchId: oid('5') };
  const where = { sealed: true, via: 'test', branch: null };
  const binding = { schema: 'agent-log/binding/v1', id: newUlid(1), ...known, ...where, commit: oid('6') };
  const landing = { schema: 'agent-log/landing/v1', id: newUlid(2), ...known, ...where, from: oid('6') };
  const range = { base: null, head: oid('6') };
  return [
    execution.line,
    encodeRecord({ ...binding, grade: 'exact', boundAt: AT }).line,
    encodeRecord({
      ...landing,
      commit: oid('7'),
      grade: 'squashed',
      proof: 'range-patch-id',
      range,
      landedAt: AT,
    }).line,
  ].join('\n');
}

export const landingTargets = [
  {
    name: 'ledger:landings',
    seeds: async () => [
      Buffer.from(rewrittenNote()),
      Buffer.from(`${rewrittenNote()}\n${rewrittenNote()}\n`),
    ],
    run(bytes) {
      const text = bytes.toString('utf8');
      const note = { object: oid('6'), text, lines: parseNote(text), paths: [oid('6')] };
      const landings = landingsOf(note);
      const candidates = candidatesOf(note);
      for (const { record, landings: went } of candidates) {
        holds(
          went.every((landing) => landing.record === record.digest),
          'a landing is of the record it names',
        );
        const { head, tree, prev } = record.record;
        const step = { digest: record.digest, before: [head.tree ?? ''], after: tree, prev };
        const found = stepsBetween([step], head.tree ?? '', tree ?? '');
        holds(found.size === (tree === null ? 0 : 1), 'a record leads from where it began to where it ended');
      }
      holds(
        landings.every(({ id }, i) => i === 0 || (landings[i - 1]?.id ?? '') <= id),
        'the oldest landing is first',
      );
      return expectCleanPrototype();
    },
  },
];
