import { describe, expect, it } from 'vitest';
import { scene } from '../../support/revert.ts';

const yes = (): Promise<boolean> => Promise.resolve(true);

function manifest(dependencies: Readonly<Record<string, string>>): string {
  return `${JSON.stringify({ name: 'demo', version: '1.0.0', dependencies }, null, 2)}\n`;
}

/** A lockfile as npm writes it, with so much between the entries that their lines are far from each other. */
function lock(
  asked: Readonly<Record<string, string>>,
  installed: readonly string[] = Object.keys(asked),
): string {
  const entry = (name: string): [string, object] => [
    `node_modules/${name}`,
    {
      version: '1.0.0',
      license: 'MIT',
      engines: { node: '>=18' },
      funding: { url: `https://example.com/${name}` },
    },
  ];
  const packages = {
    '': { name: 'demo', version: '1.0.0', dependencies: asked },
    ...Object.fromEntries(installed.map(entry)),
  };
  return `${JSON.stringify({ name: 'demo', lockfileVersion: 3, packages }, null, 2)}\n`;
}

const MIDDLE = ['beta', 'delta', 'gamma', 'kappa'];
const wanted = (...more: string[]): Record<string, string> =>
  Object.fromEntries([...MIDDLE, ...more].sort().map((name) => [name, '1']));

describe('lockfiles', () => {
  it('R51 where lockfiles conflict nothing is merged by lines, not with --relaxed or --hunks either', async () => {
    const { agent, person, plan } = await scene();
    await person({ 'package-lock.json': lock(wanted()) });
    await agent({ 'package-lock.json': lock(wanted('alpha')) });
    const by = await person({ 'package-lock.json': lock(wanted('alpha', 'aleph')) });
    const { plan: plain } = await plan();
    expect(plain).toMatchObject({ verdict: 'needs-decision', resultTree: null, blockers: [{ commit: by }] });
    expect(plain.options.map(({ flag }) => flag)).toEqual(['--with-dependants', '--worktree']);
    const relaxed = await plan({ relaxed: true, verify: yes });
    expect(relaxed.plan).toMatchObject({ verdict: 'needs-decision', resultTree: null });
  });

  it('R52 a lockfile git merges that does not fit its manifest needs a decision, and is named', async () => {
    const { agent, person, plan } = await scene();
    await person({ 'package.json': manifest(wanted()), 'package-lock.json': lock(wanted()) });
    await agent({ 'package-lock.json': lock(wanted('zeta'), [...MIDDLE]) });
    await person({ 'package.json': manifest(wanted('zeta')) });
    const { plan: planned } = await plan();
    expect(planned).toMatchObject({ verdict: 'needs-decision', resultTree: null });
    expect(planned.why).toEqual([
      'package-lock.json would not fit package.json any more',
      expect.stringContaining('once you say so: git config agentLog.package-lock.json.regenerate'),
    ]);
  });
});
