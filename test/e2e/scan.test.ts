import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { ScannedCommit, ScanSummary } from '../../lib/oversight/scan.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

const MAKER = fileURLToPath(new URL('../support/marked-history.mjs', import.meta.url));
/** Every kind of mark three commits apart, each at least twice. */
const COMMITS = 3000;

type Expected = Readonly<Record<string, { readonly authorship: string; readonly agents: readonly string[] }>>;

let repo: TestRepo;
let expected: Expected;

beforeAll(async () => {
  repo = await makeRepo({ firstCommit: false });
  const made = await repo.exec(process.execPath, [MAKER, repo.dir, String(COMMITS)]);
  if (made.code !== 0) throw new Error(made.stderr);
  expected = JSON.parse(made.stdout) as Expected;
});

afterAll(() => repo.remove());

test('scan is right about every commit: precision and recall 1.0 on every kind of mark', async () => {
  const { stdout, code } = await repo.run(['scan', '--json']);
  expect(code).toBe(0);
  const document = JSON.parse(stdout) as { commits: ScannedCommit[]; summary: ScanSummary };
  expect(schemaProblems(document)).toEqual([]);
  const said = document.commits.map(({ commit, authorship, signals }) => [
    commit,
    { authorship, agents: [...new Set(signals.map(({ agent }) => agent))].sort() },
  ]);
  expect(Object.fromEntries(said)).toEqual(expected);
  const wanted = Object.values(expected).filter(({ authorship }) => authorship === 'agent');
  expect(wanted.length).toBeGreaterThan(800);
  expect(document.summary).toMatchObject({ commits: COMMITS + 1, agent: wanted.length });
});

test('notes on commits that are not there, or not in the range, are counted and not lost', async () => {
  const all = JSON.parse((await repo.run(['scan', '--json'])).stdout) as { summary: ScanSummary };
  expect(all.summary.notes).toEqual({ outside: 0, missing: 1 });
  const few = JSON.parse((await repo.run(['scan', '--json', 'main~1..main'])).stdout) as {
    summary: ScanSummary;
  };
  expect(few.summary.notes.missing).toBe(1);
  expect(few.summary.notes.outside).toBeGreaterThan(20);
  expect((await repo.run(['scan', 'main~1..main'])).stdout).toMatch(
    /notes of agents' tools on commits not scanned, 1 of/,
  );
});

test("does not take the ledger's own entries for notes on commits it has not scanned", async () => {
  const repo = await makeRepo();
  onTestFinished(() => repo.remove());
  await repo.run(['init', '--agents', 'none']);
  const script = 'echo 1 > a && git add -A && git commit -q -m One';
  await repo.run(['run', '--task', 'x', '--', 'sh', '-c', script]);
  await repo.run(['run', '--task', 'y', '--', 'sh', '-c', script.replace('1', '2')]);
  const first = await repo.git('rev-parse', 'HEAD~2');
  await repo.run(['exception', 'open', '--type', 'identity-unclear', '--commit', first, '-m', 'who?']);
  await repo.run(['mr', 'open', 'https://git.example.com/team/shop/pull/3', '--head', first]);
  const notesOf = async (range: string): Promise<unknown> =>
    (JSON.parse((await repo.run(['scan', range, '--json'])).stdout) as { summary: { notes: unknown } })
      .summary.notes;
  expect(await notesOf('HEAD')).toEqual({ outside: 0, missing: 0 });
  expect(await notesOf('HEAD~1..HEAD')).toEqual({ outside: 1, missing: 0 });
});
