import { describe, expect, it } from 'vitest';
import { scene } from '../../support/revert.ts';

const yes = (): Promise<boolean> => Promise.resolve(true);

function manifest(dependencies: Readonly<Record<string, string>>, more: object = {}): string {
  return `${JSON.stringify({ name: 'demo', version: '1.0.0', dependencies, ...more }, null, 2)}\n`;
}

function cargo(dependencies: string): string {
  return `[package]\nname = "demo" # ours\n\n[dependencies]\n${dependencies}\n[dev-dependencies]\nquick = "1"\n`;
}

describe('manifests, key by key', () => {
  it('R50 adjacent dependency lines in package.json: refused by lines, taken back by keys, clean once verified', async () => {
    const { agent, person, plan } = await scene();
    await person({ 'package.json': manifest({ alpha: '1', delta: '1' }) });
    await agent({ 'package.json': manifest({ alpha: '1', beta: '1', delta: '1' }) });
    await person({ 'package.json': manifest({ alpha: '2', beta: '1', carol: '1', delta: '2' }) });
    const plain = await plan();
    expect(plain.plan).toMatchObject({ verdict: 'needs-decision', resultTree: null });
    expect(plain.plan.options).toContainEqual({ flag: '--relaxed', verdict: 'needs-decision', adds: [] });
    const verified = await plan({ relaxed: true, verify: yes });
    expect(verified.plan).toMatchObject({ verdict: 'clean', verified: true, superseded: [], residue: [] });
    expect(await verified.file('package.json')).toBe(manifest({ alpha: '2', carol: '1', delta: '2' }));
    expect(verified.plan.warnings).toContainEqual({
      kind: 'refined',
      paths: ['package.json'],
      text: 'package.json was merged key by key',
    });
  });

  it('R50 a dependency it took out comes back between others that were changed since', async () => {
    const { agent, person, plan } = await scene();
    await person({ 'package.json': manifest({ alpha: '1', beta: '1', delta: '1' }) });
    await agent({ 'package.json': manifest({ alpha: '1', delta: '1' }) });
    await person({ 'package.json': manifest({ alpha: '2', delta: '2' }, { private: true }) });
    const relaxed = await plan({ relaxed: true });
    expect(await relaxed.file('package.json')).toBe(
      manifest({ alpha: '2', beta: '1', delta: '2' }, { private: true }),
    );
  });

  it('R50 a version both changed stays a conflict', async () => {
    const { agent, person, plan } = await scene();
    await person({ 'package.json': manifest({ alpha: '1' }) });
    await agent({ 'package.json': manifest({ alpha: '2' }) });
    const by = await person({ 'package.json': manifest({ alpha: '3' }) });
    const { plan: planned } = await plan();
    expect(planned).toMatchObject({ verdict: 'needs-decision', blockers: [{ commit: by }] });
    const relaxed = await plan({ relaxed: true });
    expect(relaxed.plan.warnings).toEqual([]);
  });

  it('R50 Cargo.toml keeps comments and the lines of others', async () => {
    const { agent, person, plan } = await scene();
    await person({ 'Cargo.toml': cargo('alpha = "1"\nzeta = "1"\n') });
    await agent({ 'Cargo.toml': cargo('alpha = "1"\nbeta = { version = "1" }\nzeta = "1"\n') });
    await person({
      'Cargo.toml': cargo('alpha = "2" # pinned\nbeta = { version = "1" }\ngamma = "3"\nzeta = "1"\n'),
    });
    const relaxed = await plan({ relaxed: true });
    expect(await relaxed.file('Cargo.toml')).toBe(cargo('alpha = "2" # pinned\ngamma = "3"\nzeta = "1"\n'));
  });

  it('R50 a workflow in YAML, without what stands in other jobs', async () => {
    const { agent, person, plan } = await scene();
    const workflow = (env: string): string =>
      `on: push\nenv:\n${env}jobs:\n  # one job\n  build:\n    runs-on: x\n`;
    await person({ 'ci.yml': workflow('  A: 1\n  Z: 1\n') });
    await agent({ 'ci.yml': workflow('  A: 1\n  B: 1\n  Z: 1\n') });
    await person({ 'ci.yml': workflow('  A: 2\n  B: 1\n  C: 1\n  Z: 1\n') });
    const relaxed = await plan({ relaxed: true });
    expect(await relaxed.file('ci.yml')).toBe(workflow('  A: 2\n  C: 1\n  Z: 1\n'));
  });
});

describe('what git merges and nobody can read', () => {
  it('a manifest that would say a key twice needs a decision, and the file is named', async () => {
    const { agent, person, plan } = await scene();
    const lines = (all: readonly string[]): string => `{\n${all.join(',\n')}\n}\n`;
    const filler = Array.from({ length: 12 }, (_, i) => `  "k${i}": ${i}`);
    await person({ 'a.json': lines(['  "moved": 1', ...filler]) });
    // It goes from the top; somebody puts it at the end again.
    await agent({ 'a.json': lines(filler) });
    await person({ 'a.json': lines([...filler, '  "moved": 2']) });
    const { plan: planned } = await plan();
    expect(planned).toMatchObject({ verdict: 'needs-decision', resultTree: null });
    expect(planned.why.join()).toContain('a.json could not be read as JSON any more');
  });
});
