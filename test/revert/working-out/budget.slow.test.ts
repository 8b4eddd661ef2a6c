import { describe, expect, it } from 'vitest';
import { type PlanOptions, planRevert } from '../../../lib/revert/plan.ts';
import { type Files, lines, type Scene, scene } from '../../support/revert.ts';
import { REVERT } from '../../support/revert-outcome.ts';
import { schemaProblems } from '../../support/schema.ts';

const COMPARED = 'making the history again without it, to compare';

/** A clock that stands still for so many readings, and is far too late after. */
function lateAfter(readings: number): Pick<PlanOptions, 'budget' | 'clock'> {
  let read = 0;
  return { budget: 5_000, clock: () => (read++ < readings ? 0 : 1_000_000) };
}

/** Commits of files on the branch, each with what it changes, in one process. */
async function commitAll({ repo }: Scene, commits: readonly Files[]): Promise<void> {
  const who = 'Jane Doe <jane@example.com> 1700000000 +0000';
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const stream = commits.map(
    (files, i) =>
      `commit refs/heads/main\ncommitter ${who}\n${data(`Later ${i}`)}${i === 0 ? 'from refs/heads/main^0\n' : ''}${Object.entries(
        files,
      )
        .map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`)
        .join('')}`,
  );
  await repo.tryGit(['fast-import', '--quiet'], { input: stream.join('\n') });
  await repo.git('reset', '-q', '--hard');
}

const far = (name: string, changed: ReadonlySet<number>, by: string): string =>
  lines(Array.from({ length: 40 }, (_, i) => `${name} ${i}${changed.has(i) ? ` ${by}` : ''}`));

/** So many units in as many files, and so many later commits: each builds on a unit where `many` says so. */
async function longScene(units: number, later: number, many: boolean): Promise<Scene> {
  const made = await scene();
  const name = (i: number): string => `src/file-${i % units}.txt`;
  const before = Array.from({ length: units }, (_, i) => [name(i), far(name(i), new Set(), '')]);
  await made.person(Object.fromEntries(before) as Files);
  for (let i = 0; i < units; i++) await made.agent({ [name(i)]: far(name(i), new Set([20]), 'agent') });
  await commitAll(
    made,
    Array.from({ length: later }, (_, i) => {
      const text = far(name(i), new Set([20]), 'agent');
      const at = many ? 20 : 2;
      return { [name(i)]: text.replace(`${name(i)} ${at}`, `${name(i)} ${at} later ${i}`) };
    }),
  );
  return made;
}

describe('a time budget', () => {
  it('planning tells what it is at, and steps back for the verify command', async () => {
    const made = await scene();
    await made.person({ f: 'a\nb\nc\n' });
    await made.agent({ f: 'a\nagent\nc\n' });
    await made.person({ f: 'a\nperson\nc\n' });
    const heard: (string | null)[] = [];
    const verify = async (): Promise<boolean> => {
      heard.push('(verify)');
      return true;
    };
    await made.plan({ onProgress: (doing) => void heard.push(doing), verify });
    expect(heard.slice(0, 2)).toEqual(['what of it is on the branch', 'what stands in the way']);
    expect(heard).toContain('--with-dependants');
    expect(heard[heard.indexOf('(verify)') - 1]).toBeNull();
  });

  it('R84 55 units and 5,000 later commits are planned in full, the forward check too', async () => {
    const { plan } = await longScene(55, 5_000, false);
    const made = await plan({ budget: 10 * 60 * 1000 });
    expect(made.plan).toMatchObject({ verdict: 'clean', kept: 5_000, why: [] });
    expect(made.plan.units).toHaveLength(55);
    expect(made.plan.notTried).toBeUndefined();
    expect(await made.file('src/file-7.txt')).toContain('src/file-7.txt 20\n');
  });

  it('R84 a forward check there is no time for is named, and the result is only clean once a command has passed', async () => {
    const { plan } = await longScene(3, 10, false);
    const none = await plan(lateAfter(1));
    expect(none.plan).toMatchObject({ verdict: 'needs-decision', resultTree: null });
    expect(none.plan.why).toEqual([
      'git can take it back, but there was no time to see whether history without it comes to the same',
      'planning was stopped after 5 seconds: --budget gives it more, 0 as many as it takes',
    ]);
    expect(none.plan.notTried?.[0]).toBe(COMPARED);
    expect(none.plan.notTried).toContain('--with-dependants');
    expect(schemaProblems(none.plan)).toEqual([]);
    const passed = await plan({ ...lateAfter(1), verify: async () => true });
    expect(passed.plan).toMatchObject({ verdict: 'clean', verified: true, why: [], notTried: [COMPARED] });
    const failed = await plan({ ...lateAfter(1), verify: async () => false });
    expect(failed.plan).toMatchObject({ verdict: 'needs-decision', resultTree: null });
  });

  it('R84 many dependants: wherever it is stopped, what was found stays, and what was not tried is told', async () => {
    const made = await longScene(4, 8, true);
    const whole = (await made.plan()).plan;
    expect(whole.dependants).toHaveLength(8);
    const seen = new Set<string>();
    for (const readings of [2, 6, 12, 24, 40]) {
      const { plan } = await made.plan(lateAfter(readings));
      expect(plan.verdict).toBe('needs-decision');
      expect(plan.resultTree).toBeNull();
      for (const { flag, verdict } of plan.options)
        expect(whole.options.find((one) => one.flag === flag)?.verdict).toBe(verdict);
      const offered = new Set(plan.options.map(({ flag }) => flag));
      const missing = whole.options.map(({ flag }) => flag).filter((flag) => !offered.has(flag));
      if (missing.length > 0) expect(plan.notTried).not.toEqual([]);
      for (const what of plan.notTried ?? []) seen.add(what);
    }
    expect([...seen].sort()).toEqual(
      [
        '--clean-paths',
        '--relaxed',
        '--with-dependants',
        'commits that do not say what they take back',
        COMPARED,
      ].sort(),
    );
  });

  it('R84 what a verify command takes does not count', async () => {
    const { plan } = await longScene(2, 4, false);
    let now = 0;
    const verify = async (): Promise<boolean> => {
      now += 60 * 60 * 1000;
      return true;
    };
    const { plan: planned } = await plan({ budget: 5_000, clock: () => now, verify });
    expect(planned).toMatchObject({ verdict: 'clean', verified: true });
    expect(planned.notTried).toBeUndefined();
  });

  it('R84 the program takes it as a flag or a setting, and refuses what is no number', async () => {
    const { repo, agent, txn, ledger, scratch } = await scene();
    await agent({ 'a.txt': 'one\n' });
    const planned = await planRevert(ledger, scratch, [txn()]);
    const same = await repo.exec(REVERT, ['--plan', '--json', '--budget', '0', txn()]);
    expect(JSON.parse(same.stdout)).toEqual(planned);
    for (const bad of ['-1', 'soon', '1e9', '']) {
      const { code, stderr } = await repo.exec(REVERT, ['--plan', `--budget=${bad}`, txn()]);
      expect(code).toBe(2);
      expect(stderr).toContain(`'${bad}' is no number of seconds`);
    }
    await repo.git('config', 'agentLog.revertBudget', 'never');
    expect((await repo.exec(REVERT, ['--plan', txn()])).code).toBe(2);
  });
});
