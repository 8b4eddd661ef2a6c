import { describe, expect, it } from 'vitest';
import type { ExecutionRecord } from '../../lib/core/records/record.ts';
import { merged, type Scene, scene, ten } from '../support/revert.ts';
import { outcome, PLAIN, REVERT } from '../support/revert-outcome.ts';

type By = ExecutionRecord['files'][number]['by'];

function files(by: Readonly<Record<string, By>>): Pick<ExecutionRecord, 'files'> {
  return {
    files: Object.entries(by).map(([path, who]) => ({ path, by: who, change: 'modified', blob: null })),
  };
}

/** One commit: a file of the agent, one a person wrote in after it, and one it never saw. */
async function mixed(): Promise<Scene & { readonly one: string }> {
  const made = await scene();
  await made.person({ own: ten(), both: ten(), theirs: ten() });
  const one = await made.agent(
    {
      own: ten({ 2: 'agent' }),
      both: ten({ 3: 'agent', 4: 'person' }),
      theirs: ten({ 7: 'person' }),
      new: 'n\n',
    },
    'one',
    files({ own: 'agent', both: 'mixed', theirs: 'unseen', new: 'shell' }),
  );
  return { ...made, one };
}

describe("a commit that holds a person's edits beside the agent's", () => {
  it('R12 is listed as shared and waits for a decision; each way through does what it says', async () => {
    const { one, ...made } = await mixed();
    await made.person({ own: ten({ 2: 'agent', 9: 'later' }) });
    const { plan } = await made.plan();
    expect(plan.units).toMatchObject([{ commit: one, shared: ['both', 'theirs'] }]);
    expect(plan.why).toEqual([
      expect.stringMatching(/^[0-9a-f]{7,} may hold somebody else's edits, too: both, theirs$/),
    ]);
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 1,
      verdict: 'needs-decision',
      kept: 1,
      units: [['commit', one, [one]]],
      options: [
        ['--hunks', 'clean', []],
        ['--accept-shared', 'clean', []],
      ],
      files: [],
      tree: null,
    });
    expect(await outcome(made, ['--hunks'])).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      // What of the commit stays counts.
      kept: 2,
      units: [['part', one, [one]]],
      residue: [
        { path: 'both', lines: 2 },
        { path: 'theirs', lines: 1 },
      ],
      files: ['D new', 'M own'],
      tree: {
        'README.md': 'hello\n',
        own: ten({ 9: 'later' }),
        both: ten({ 3: 'agent', 4: 'person' }),
        theirs: ten({ 7: 'person' }),
      },
    });
    expect(await outcome(made, ['--accept-shared'])).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      kept: 1,
      units: [['commit', one, [one]]],
      files: ['M both', 'D new', 'M own', 'M theirs'],
      tree: { 'README.md': 'hello\n', own: ten({ 9: 'later' }), both: ten(), theirs: ten() },
    });
    const { stdout } = await made.repo.exec(REVERT, ['--plan', made.txn()]);
    expect(stdout).toMatch(/\n {11}maybe not only the agent’s: both, theirs\n/);
  });

  it('R12 in a branch that was merged, too', async () => {
    const made = await scene();
    await made.person({ own: ten(), both: ten() });
    await made.repo.git('checkout', '-q', '-b', 'topic');
    const one = await made.agent(
      { own: ten({ 2: 'agent' }), both: ten({ 3: 'agent and person' }) },
      'one',
      files({ own: 'agent', both: 'mixed' }),
    );
    const merge = await merged(made, 'topic');
    expect(await outcome(made)).toMatchObject({
      exit: 1,
      units: [['merge', merge, [one]]],
      options: [
        ['--hunks', 'clean', []],
        ['--accept-shared', 'clean', []],
      ],
    });
    expect(await outcome(made, ['--hunks'])).toMatchObject({
      residue: [{ path: 'both', lines: 1 }],
      tree: { 'README.md': 'hello\n', own: ten(), both: ten({ 3: 'agent and person' }) },
    });
  });

  it('R12 with something in the way besides: each way through says so', async () => {
    const { one, ...made } = await mixed();
    const later = await made.person({ own: ten({ 2: 'person' }) });
    expect(await outcome(made)).toMatchObject({
      exit: 1,
      verdict: 'needs-decision',
      units: [['commit', one, [one]]],
      blockers: [[later, null, ['own'], expect.any(String)]],
      options: expect.arrayContaining([
        ['--hunks', 'needs-decision', []],
        ['--accept-shared --with-dependants', 'clean', [later]],
      ]),
    });
    expect(await outcome(made, ['--accept-shared', '--with-dependants'])).toMatchObject({
      exit: 0,
      tree: { both: ten(), own: ten(), theirs: ten() },
    });
  });

  it('nobody watched at all: that is no reason to ask', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    await made.agent({ f: ten({ 2: 'agent' }) }, 'one', files({ f: 'unseen' }));
    expect(await outcome(made)).toMatchObject({ exit: 0, verdict: 'clean' });
  });
});
