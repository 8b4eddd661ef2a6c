import { appendFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeHistory } from './ledger.mjs';
import { interleave, row, time } from './measure.mjs';
import { makeFolder, PROGRAM, removeFolder, run } from './place.mjs';
import { ulid } from './synthetic.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const START = Date.UTC(2026, 0, 2);
const JANE = { name: 'Jane Doe', email: 'jane@example.com' };

/** The queue of a large ledger: an exception for every tenth record, half of them closed, and a waiver asked for one in fifty. */
export async function queueOfExceptions({ quick }) {
  const count = quick ? 10_000 : 100_000;
  const rounds = 3;
  const root = makeFolder();
  const { repo, notes, txns, commits } = await makeHistory(root, count);
  appendFileSync(notes, await exceptionNotes(count / 10, commits, txns));
  run(process.execPath, [join(here, 'append.mjs'), repo.dir, notes], { cwd: repo.dir, env: repo.env });
  repo.git('repack', '-adq');
  repo.git('pack-refs', '--all');
  const { env, dir } = repo;
  const command = (...args) => time(process.execPath, [PROGRAM, ...args], { cwd: dir, env });
  const listed = run(process.execPath, [PROGRAM, 'exception', 'list', '--all', '--json'], { cwd: dir, env });
  const found = listed.split('\n').filter(Boolean).length;
  if (found !== count / 10) throw new Error(`${found} exceptions of ${count / 10}`);
  const ms = await interleave(
    rounds,
    {
      list: () => command('exception', 'list'),
      json: () => command('exception', 'list', '--all', '--json'),
      anew: () => {
        rmSync(join(dir, '.git/agent-log/counted'), { force: true });
        return command('metrics', '--format', 'json');
      },
      metrics: () => command('metrics', '--format', 'json'),
      notes: () => time('git', ['notes', '--ref=agent-log', 'list'], { cwd: dir, env }),
      cat: () =>
        time(
          'sh',
          [
            '-c',
            "git ls-tree -r refs/notes/agent-log | cut -d' ' -f3 | cut -f1 | git cat-file --batch > /dev/null",
          ],
          { cwd: dir, env },
        ),
    },
    1,
  );
  removeFolder(root);
  const exceptions = (count / 10).toLocaleString('en');
  const of = `${exceptions} exceptions beside ${count.toLocaleString('en')} records`;
  const floor = { floor: 'cat-file', floorMs: ms.cat, rounds };
  return [
    row(`list ${of}`, { ...floor, ms: ms.list }),
    row('  as JSON, closed ones too', { ...floor, ms: ms.json }),
    row('  metrics, the first time', { ...floor, ms: ms.anew }),
    row('  metrics, from then on', { ...floor, ms: ms.metrics }),
    row('  listing the notes', { ...floor, ms: ms.notes }),
  ];
}

/** Lines as append.mjs reads them. */
async function exceptionNotes(count, commits, txns) {
  const { encodeRecord, fingerprintOf } = await import('../../dist/index.js');
  const { anchorOf } = await import('../../dist/ledger/told/anchor.js');
  const anchor = (kind, name) => anchorOf({ format: 'sha1' }, kind, name);
  const lines = [];
  let serial = 0;
  const event = (name, of, txn, hour, more) =>
    encodeRecord({
      schema: 'agent-log/event/v1',
      id: ulid('V', serial++),
      event: name,
      of,
      txn,
      by: JANE,
      recordedAt: new Date(START + hour * 3_600_000).toISOString(),
      ...more,
    }).line;
  for (let i = 0; i < count; i++) {
    const [txn, commit] = [txns[i * 10], commits[i * 10]];
    const type = 'provenance-missing';
    const of = fingerprintOf({ type, txn, commit });
    const steps = [
      event('exception.opened', of, txn, 0, { type, severity: 'medium', detectedBy: 'scan', commit }),
      event('exception.triaged', of, txn, 1, { owner: JANE }),
      ...(i % 2 === 0
        ? [event('exception.closed', of, txn, 2, { resolution: 'resolved', evidence: [commit] })]
        : []),
    ];
    lines.push(`${anchor('exception', of)}\t${steps.join('\t')}\n`);
    if (i % 50 !== 0) continue;
    const id = ulid('W', i);
    const until = new Date(START + 80 * 24 * 3_600_000).toISOString();
    const asked = event('waiver.requested', id, txn, 1, { link: of, until, text: 'a reason' });
    lines.push(`${anchor('waiver', id)}\t${asked}\n`);
  }
  return lines.join('');
}
