import { describe, expect, it } from 'vitest';
import { type Scene, scene, ten } from '../support/revert.ts';

/** The agent's change of line 5, in the middle of a file nobody else touched. */
async function landed(): Promise<Scene & { readonly one: string }> {
  const made = await scene();
  await made.person({ f: ten() });
  return { ...made, one: await made.agent({ f: ten({ 5: 'agent' }) }) };
}

async function revert({ repo }: Scene, commit: string): Promise<string> {
  await repo.git('revert', '--no-edit', commit);
  return repo.git('rev-parse', 'HEAD');
}

describe('what is in force', () => {
  it('R18 nothing, once it was reverted; also where somebody wrote there since', async () => {
    const { one, ...made } = await landed();
    const back = await revert(made, one);
    const expected = { verdict: 'already-reverted', why: [`${one} was reverted before, by ${back}`] };
    expect((await made.plan()).plan).toMatchObject(expected);
    await made.person({ f: ten({ 5: 'person' }) });
    expect((await made.plan()).plan).toMatchObject(expected);
  });

  it('R20 one of two places was undone by hand: the other goes', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 2: 'agent', 8: 'agent' }) });
    await person({ f: ten({ 8: 'agent' }) });
    const planned = await plan();
    expect(planned.plan.verdict).toBe('clean');
    expect(await planned.file('f')).toBe(ten());
  });

  it('R21 reverted and landed again: it goes from where it is now', async () => {
    const { one, ...made } = await landed();
    const again = await revert(made, await revert(made, one));
    await made.person({ g: 'person\n' });
    const planned = await made.plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', units: [{ commit: again, members: [one] }] });
    expect(await planned.file('f')).toBe(ten());
  });

  it('R22 a revert of a revert of a revert', async () => {
    const { one, ...made } = await landed();
    const third = await revert(made, await revert(made, await revert(made, one)));
    expect((await made.plan()).plan).toMatchObject({
      verdict: 'already-reverted',
      why: [`${one} was reverted before, by ${third}`],
    });
  });

  it('a message that says so makes no revert: the work is there still', async () => {
    const { one, ...made } = await landed();
    await made.repo.write('g', 'person\n');
    await made.repo.git('add', '-A');
    await made.repo.git('commit', '-q', '-m', `Not so\n\nThis reverts commit ${one}.`);
    const planned = await made.plan();
    expect(planned.plan.verdict).toBe('clean');
    expect(await planned.file('f')).toBe(ten());
    expect(await planned.file('g')).toBe('person\n');
  });

  it('reverted with what builds on it: that is a revert, too', async () => {
    const { one, ...made } = await landed();
    await made.person({ f: ten({ 5: 'person' }) });
    const { commit } = await (await made.plan({ withDependants: true })).apply();
    expect((await made.plan()).plan).toMatchObject({
      verdict: 'already-reverted',
      why: [`${one} was reverted before, by ${commit}`],
    });
  });

  it('half of it was reverted: the rest goes, and that is told', async () => {
    const { one, ...made } = await landed();
    const two = await made.agent({ g: 'agent\n' });
    const back = await revert(made, one);
    const planned = await made.plan();
    expect(planned.plan).toMatchObject({
      verdict: 'clean',
      units: [{ commit: two }],
      why: [`${one} was reverted before, by ${back}`],
    });
    expect(await planned.files()).toEqual(['README.md', 'f']);
  });

  it('R26 it edited and un-edited a line that somebody changed later', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 5: 'agent' }) });
    await agent({ f: ten() });
    await person({ f: ten({ 5: 'person' }) });
    expect((await plan()).plan.verdict).toBe('noop');
  });

  it('R27 a line was overwritten later, and put back', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 5: 'agent' }) });
    await person({ f: ten({ 5: 'person' }) });
    await person({ f: ten() });
    expect((await plan()).plan.verdict).toBe('noop');
  });
});
