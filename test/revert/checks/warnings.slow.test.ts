import { describe, expect, it } from 'vitest';
import { verifierFor } from '../../../lib/revert/running/verify.ts';
import { lines, scene, ten } from '../../support/revert.ts';

const WORK = [
  'export function total(items) {',
  '  let sum = 0;',
  '  for (const item of items) sum += item.price;',
  '  return sum;',
  '}',
];

describe('what merges without a conflict and still is not right', () => {
  it('R44 work that was copied elsewhere stays there, and it is said where', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ 'total.js': lines(WORK) });
    await person({ 'other.js': lines(['// copied', ...WORK.map((line) => `  ${line}`)]) });
    await person({ 'unlike.js': lines(['a', 'b', 'c', '}']) });
    const { plan: planned } = await plan();
    expect(planned).toMatchObject({ verdict: 'clean', residue: [] });
    expect(planned.warnings).toEqual([
      {
        kind: 'copied',
        paths: ['other.js', 'total.js'],
        text: '5 lines of the work in total.js were copied into other.js, and stay there',
      },
    ]);
  });

  it('R47 a later commit imports a file it added: text clean, flagged; and the verify command decides', async () => {
    const { scratch, agent, person, plan } = await scene();
    await person({ 'lib/main.cjs': "console.log('main');\n" });
    await agent({ 'lib/total.cjs': 'exports.total = () => 0;\n' });
    const by = await person({
      'lib/main.cjs': "const { total } = require('./total.cjs');\nconsole.log('main', total());\n",
    });
    await person({ f: ten() });
    const { plan: planned } = await plan();
    expect(planned.verdict).toBe('clean');
    expect(planned.warnings).toMatchObject([{ kind: 'reference', paths: ['lib/main.cjs', 'lib/total.cjs'] }]);
    const verifier = verifierFor(scratch, {
      command: 'node lib/main.cjs',
      limit: 30_000,
      hear: () => undefined,
    });
    const flags = { verify: verifier.passes, complaints: verifier.said };
    const verified = await plan(flags);
    expect(verified.plan).toMatchObject({ verdict: 'needs-decision', verified: false, resultTree: null });
    expect(verified.plan.why.join()).toContain('the verify command fails without it');
    expect(verified.plan.options[0]).toEqual({ flag: '--with-dependants', verdict: 'clean', adds: [by] });
    const both = await plan({ ...flags, withDependants: true });
    expect(both.plan).toMatchObject({ verdict: 'clean', verified: true, dependants: [{ commit: by }] });
    expect(await both.file('lib/main.cjs')).toBe("console.log('main');\n");
    expect(await both.files()).not.toContain('lib/total.cjs');
  });

  it('whom the verify command names goes with it, and nobody who is not needed', async () => {
    const { scratch, agent, person, plan } = await scene();
    await person({ 'a.txt': ten(), 'b.txt': ten() });
    await agent({ def: 'yes\n' });
    await person({ 'b.txt': ten({ 2: 'other' }) });
    const by = await person({ 'a.txt': ten({ 7: 'use def' }) });
    await person({ 'a.txt': ten({ 1: 'first', 7: 'use def' }) });
    // It also complains of a line that somebody else wrote.
    const running = { limit: 30_000, hear: () => undefined };
    const verifier = verifierFor(scratch, {
      command: `[ -e def ] && exit 0; grep -q "use def" a.txt || exit 0; echo "a.txt:7:1: def is not there"; echo "b.txt(2,1): def"; exit 1`,
      ...running,
    });
    const { plan: planned } = await plan({ verify: verifier.passes, complaints: verifier.said });
    expect(planned.options[0]).toEqual({ flag: '--with-dependants', verdict: 'clean', adds: [by] });
  });

  it('a complaint about the end of a file that comes back names nobody', async () => {
    const { agent, person, plan, repo } = await scene();
    await person({ 'a.txt': ten(), 'b.txt': ten() });
    await repo.git('rm', '-q', 'a.txt');
    await agent({ 'b.txt': ten({ 5: 'agent' }) });
    await person({ 'b.txt': ten({ 5: 'agent', 9: 'person' }) });
    const tip = await repo.git('rev-parse', 'HEAD^{tree}');
    const { plan: planned } = await plan({
      verify: (tree) => Promise.resolve(tree === tip),
      complaints: () => 'a.txt:11: no end',
    });
    expect(planned).toMatchObject({ verdict: 'needs-decision', verified: false });
    expect(planned.options.map(({ flag }) => flag)).toEqual(['--worktree']);
  });

  it.each([
    ['after the last', 'b.txt:11: no end'],
    ['before the first', 'b.txt:0: no beginning'],
  ])('a complaint about the line %s of a file names nobody, and is no failure', async (_, said) => {
    const { agent, person, plan, repo } = await scene();
    await person({ 'b.txt': ten() });
    await agent({ 'b.txt': ten({ 5: 'agent' }) });
    await person({ 'b.txt': ten({ 5: 'agent', 9: 'person' }) });
    const tip = await repo.git('rev-parse', 'HEAD^{tree}');
    const { plan: planned } = await plan({
      verify: (tree) => Promise.resolve(tree === tip),
      complaints: () => said,
    });
    expect(planned).toMatchObject({ verdict: 'needs-decision', verified: false });
    expect(planned.options.map(({ flag }) => flag)).toEqual(['--worktree']);
  });

  it('a command that fails on the branch as it is, too, names nobody', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 5: 'agent' }) });
    await person({ g: ten() });
    const { plan: planned } = await plan({
      verify: () => Promise.resolve(false),
      complaints: () => 'f:9: wrong',
    });
    expect(planned).toMatchObject({ verdict: 'needs-decision', verified: false });
    // Only a person can say.
    expect(planned.options.map(({ flag }) => flag)).toEqual(['--worktree']);
    expect(planned.why.join()).toContain('fails on the result, and on the branch as it is, too');
  });
});
