import { describe, expect, it } from 'vitest';
import { onBranch, scene, ten } from '../support/revert.ts';

describe('how it landed', () => {
  it('R15 not on this branch', async () => {
    const { repo, agent, plan } = await scene();
    const one = await onBranch({ repo }, 'topic', () => agent({ f: 'agent\n' }));
    const { plan: planned } = await plan();
    expect(planned).toMatchObject({ verdict: 'not-landed', units: [], missing: [one] });
  });

  it('R16 a part of it is on this branch: that goes, the rest is told', async () => {
    const { repo, agent, plan } = await scene();
    await agent({ f: 'agent\n' });
    const two = await onBranch({ repo }, 'topic', () => agent({ g: 'agent\n' }));
    const planned = await plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', missing: [two] });
    expect(planned.plan.units).toHaveLength(1);
    expect(await planned.files()).toEqual(['README.md']);
  });
});

describe('what came later', () => {
  it('R19 undone by hand, so nothing is left', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 5: 'agent' }) });
    await person({ f: ten() });
    expect((await plan()).plan).toMatchObject({ verdict: 'noop', resultTree: null });
  });
});
