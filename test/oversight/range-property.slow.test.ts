import { expect, it, onTestFinished } from 'vitest';
import { planAdoption } from '../../lib/capture/adopt/plan.ts';
import { relink } from '../../lib/capture/relink.ts';
import { wantedRecords } from '../../lib/evidence/wanted.ts';
import { commitsOfRange } from '../../lib/git/history/named-range.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts';
import { scanLedger } from '../../lib/ledger/reading/scan.ts';
import { type Metrics, metricsOf } from '../../lib/oversight/metrics/metrics.ts';
import { readMetricsInput } from '../../lib/oversight/metrics/read.ts';
import { type ScannedCommit, scanCommits } from '../../lib/oversight/scan.ts';
import { recordReplays, replayEnvironment, verifyWork } from '../../lib/replay/replay.ts';
import { type Drawn, drawn, eachHolds, namedBy } from '../support/histories.ts';
import { IDENTITY, NOW } from '../support/records.ts';
import type { Scene } from '../support/revert.ts';

const RANGES = ['main^{/First}..main', 'x..main', 'main..y', 'main^{/First}..z'] as const;
const told = { rewritten: 0, several: 0, replayed: 0 };

/** A commit, with what its message names, and of that what is in it. */
interface Made extends Drawn {
  readonly names: readonly string[];
  readonly holds: readonly string[];
}

async function commitsOf(made: Scene, range: string): Promise<Made[]> {
  const graph = await drawn(made);
  const all: Made[] = [];
  for (const oid of await commitsOfRange(made.ledger.repo, range)) {
    const one = graph.get(oid);
    if (one === undefined) throw new Error(`nobody drew ${oid}`);
    const message = await made.repo.git('log', '-1', '--format=%B', oid);
    const names = one.parents.length > 1 ? [] : namedBy(message);
    all.push({ ...one, names, holds: names.filter((file) => one.added.includes(file)) });
  }
  return all;
}

async function fileOf({ ledger }: Scene): Promise<Map<string, { file: string; commit: string }>> {
  const files = new Map<string, { file: string; commit: string }>();
  for await (const { stored, object } of scanLedger(ledger))
    files.set(stored.digest, { file: stored.record.files[0]?.path ?? '', commit: object });
  return files;
}

async function rangeHolds(made: Scene, range: string): Promise<void> {
  const commits = await commitsOf(made, range);
  const files = await fileOf(made);
  const scanned: ScannedCommit[] = [];
  for await (const one of scanCommits(made.ledger, [range])) scanned.push(one);
  expect(
    scanned.map(({ commit, authorship, has }) => `${commit} ${authorship} ${has.includes('record')}`),
  ).toEqual(
    commits.map(
      ({ oid, names, holds }) => `${oid} ${names.length > 0 ? 'agent' : 'human'} ${holds.length > 0}`,
    ),
  );
  const inIt = new Set(commits.flatMap(({ holds }) => holds));
  const found: string[] = [];
  for await (const { stored } of wantedRecords(made.ledger, new Set(commits.map(({ oid }) => oid))))
    found.push(files.get(stored.digest)?.file ?? '');
  expect({ range, found: found.sort() }).toEqual({ range, found: [...inIt].sort() });
  const { txns, left } = await planAdoption(made.ledger, {
    ranges: [range],
    commits: [],
    map: null,
    by: 'session',
  });
  const adopted = txns.flatMap((txn) => txn.commits.map(({ commit }) => commit)).sort();
  const open = commits.filter(({ names, holds }) => names.length > 0 && holds.length === 0);
  expect(adopted).toEqual(open.map(({ oid }) => oid).sort());
  expect(left.recorded).toBe(commits.filter(({ holds }) => holds.length > 0).length);
  told.several += commits.filter(({ holds }) => holds.length > 1).length;
  const madeAs = new Set([...files.values()].map(({ commit }) => commit));
  told.rewritten += commits.filter(({ oid, holds }) => holds.length > 0 && !madeAs.has(oid)).length;
}

/** The program's own list of a range: each record once, with a commit of the range that holds it. */
async function listHolds(made: Scene, range: string): Promise<void> {
  const commits = await commitsOf(made, range);
  const files = await fileOf(made);
  const { stdout } = await made.repo.run(['list', '--json', range]);
  const listed = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { commit: string; record: string });
  const held = new Map<string, string[]>();
  for (const { oid, holds } of commits)
    for (const file of holds) held.set(file, [...(held.get(file) ?? []), oid]);
  expect(listed.map(({ record }) => files.get(record)?.file ?? '').sort()).toEqual([...held.keys()].sort());
  for (const { commit, record } of listed) {
    const { file = '', commit: own = '' } = files.get(record) ?? {};
    const places = held.get(file) ?? [];
    expect({ file, commit }).toEqual({ file, commit: places.includes(own) ? own : places.at(-1) });
  }
}

async function metricsIn(ledger: Ledger, range: string): Promise<Metrics> {
  return metricsOf(await readMetricsInput(ledger, { range }), { since: null, until: NOW + 50_000 });
}

/** However often and by which ranges it is replayed, each transaction counts once; and the same in another clone. */
async function figuresHold(made: Scene): Promise<void> {
  const { ledger, repo } = made;
  const verdicts = new Map<string, Set<string>>();
  for (const [n, range] of [...RANGES, ...RANGES].entries()) {
    const outcomes = await verifyWork(ledger, await commitsOfRange(ledger.repo, range));
    for (const { txn, verdict } of outcomes)
      if (verdict !== 'skipped') verdicts.set(txn ?? '', (verdicts.get(txn ?? '') ?? new Set()).add(verdict));
    const environment = await replayEnvironment(ledger);
    const now = NOW + 20_000 + n;
    const written = await recordReplays(ledger, outcomes, {
      mode: 'verify',
      environment,
      by: null,
      identity: IDENTITY,
      now,
    });
    if (n >= RANGES.length) expect(written).toBe(0);
  }
  const commits = await commitsOf(made, RANGES[0]);
  const agents = commits.filter(({ names }) => names.length > 0);
  const here = await metricsIn(ledger, RANGES[0]);
  expect(here.coverage).toMatchObject({
    agentCommits: agents.length,
    recordedCommits: agents.filter(({ holds }) => holds.length > 0).length,
    records: (await fileOf(made)).size,
  });
  const [rate] = here.replay;
  const failed = [...verdicts.values()].filter((all) => ['divergent', 'invalid'].some((one) => all.has(one)));
  expect([rate?.eligible ?? 0, rate?.success ?? 0]).toEqual([verdicts.size, verdicts.size - failed.length]);
  told.replayed += verdicts.size;
  await repo.git('clone', '-q', '--no-local', repo.dir, '../clone');
  await repo.git('-C', '../clone', 'fetch', '-q', 'origin', '+refs/notes/agent-log:refs/notes/agent-log');
  const clone = openLedger(await findRepository({ cwd: repo.path('..', 'clone'), foreign: true }));
  onTestFinished(() => clone.close());
  const there = await metricsIn(clone, 'HEAD^{/First}..HEAD');
  expect(there).toEqual(here);
}

async function holds(made: Scene): Promise<void> {
  for (const range of RANGES) await rangeHolds(made, range);
  if ((await fileOf(made)).size === 0) return;
  await listHolds(made, RANGES[0]);
  await figuresHold(made);
  const commits = (await made.repo.git('rev-list', '--branches')).split('\n');
  await relink(made.ledger, { commits, identity: IDENTITY, now: NOW + 60_000 });
  for (const range of RANGES) await rangeHolds(made, range);
  await listHolds(made, RANGES[0]);
}

it(
  'has of a range all that agents made in it, each once, linked or not, and counts it alike in every clone',
  () => eachHolds(['merge', 'take', 'squash', 'gitlab', 'pick', 'rebase', 'revert'], 4, holds, told),
  600_000,
);
