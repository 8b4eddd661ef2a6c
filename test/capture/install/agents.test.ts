import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HookFile, HookScope } from '../../../lib/capture/install/agents/hooks.ts';
import { hooksOf, INSTALLABLE_AGENTS } from '../../../lib/capture/install/agents/index.ts';
import { recorded, repoForTest } from '../../support/recorded.ts';

const SPOOL = '/repo/.git/agent-log/bin/spool';
const place = (scope: HookScope) => ({ scope, top: '/repo', home: '/home/user', env: {} });
const filesOf = (agent: string): HookFile[] =>
  (['local', 'shared', 'user'] as const).flatMap((scope) => hooksOf(agent).files(place(scope)));

/** Agents whose hooks are in a JSON file beside whatever else is in it. */
const JSON_AGENTS = INSTALLABLE_AGENTS.filter((agent) =>
  filesOf(agent).every(({ path }) => path.endsWith('.json')),
);

describe.each(INSTALLABLE_AGENTS)('the hooks of %s', (agent) => {
  it('are put into a file that is not there, found there, and taken out again with the file', () => {
    for (const file of filesOf(agent)) {
      expect(file.missing(null)).not.toEqual([]);
      const text = file.withHooks(null, SPOOL);
      expect(file.missing(text)).toEqual([]);
      expect(file.withHooks(text, SPOOL)).toBe(text);
      expect(file.withoutHooks(text)).toBeNull();
    }
  });

  it('name the agent they are for, and another script once only', () => {
    for (const file of filesOf(agent)) {
      const text = file.withHooks(null, SPOOL);
      expect(text).toMatch(new RegExp(`exec \\\\"\\$f\\\\" ${agent}|'${agent}'`));
      const moved = file.withHooks(text, null);
      expect(moved).not.toContain(SPOOL);
      expect(file.withoutHooks(moved)).toBeNull();
    }
  });
});

describe.each(JSON_AGENTS)("%s's own settings", (agent) => {
  const name = fc.constantFrom('stop', 'PostToolUse', 'preToolUse', 'other', 'post_write_code', '__proto__');
  const entry = fc.record({ matcher: fc.string(), hooks: fc.array(fc.record({ command: fc.string() })) });
  const lists = fc.dictionary(name, fc.array(entry, { minLength: 1, maxLength: 2 }));
  const settings = fc
    .record(
      { hooks: lists, version: fc.constant(1), more: fc.jsonValue({ maxDepth: 1 }) },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value));

  it('stay what they are when our hooks go in and come out', () => {
    const [file] = hooksOf(agent).files(place('local'));
    fc.assert(
      fc.property(settings, (text) => {
        const before: unknown = JSON.parse(text);
        const installed = file?.withHooks(text, SPOOL) ?? '';
        expect(file?.missing(installed)).toEqual([]);
        const after = file?.withoutHooks(installed) ?? '{}';
        expect(withoutEmpty(JSON.parse(after))).toEqual(withoutEmpty(before));
      }),
    );
  });

  it.each([
    '[]',
    '"x"',
    '{',
    '{"hooks": []}',
    '{"hooks": {"Stop": "x", "stop": "x", "post_cascade_response": "x", "agentStop": "x", "SessionEnd": "x"}}',
    `{"a":${'['.repeat(500)}${']'.repeat(500)}}`,
  ])('that can not be read are not written over: %s', (text) => {
    const [file] = hooksOf(agent).files(place('local'));
    expect(() => file?.withHooks(text, SPOOL)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });
});

/** Without what says nothing: no hooks, and the version of the format that a file of nothing but hooks needs. */
function withoutEmpty(value: unknown): unknown {
  const { hooks, version, ...rest } = value as Record<string, unknown>;
  const some = hooks !== undefined && Object.keys(hooks as object).length > 0;
  return {
    ...rest,
    ...(some ? { hooks } : {}),
    ...(version === undefined || version === 1 ? {} : { version }),
  };
}

describe('init', () => {
  it('leaves a committed hooks file alone unless asked', async () => {
    const repo = await repoForTest();
    const theirs = '{"version":1,"hooks":{"stop":[{"command":"./mine.sh"}]}}\n';
    await repo.commit('Hooks', { '.cursor/hooks.json': theirs });
    const refused = await repo.run(['init', '--agents', 'cursor']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--shared') });
    expect(await repo.read('.cursor/hooks.json')).toBe(theirs);
    expect((await repo.run(['init', '--agents', 'cursor', '--shared'])).code).toBe(0);
    expect(await repo.read('.cursor/hooks.json')).toContain('./mine.sh');
    expect((await repo.run(['uninit'])).code).toBe(0);
    expect(await repo.read('.cursor/hooks.json')).toBe(theirs);
  });

  it('puts hooks for all agents in, out of the way of commits, and takes all of them out', async () => {
    const repo = await recorded();
    const agents = INSTALLABLE_AGENTS.join(',');
    expect(await repo.run(['init', '--agents', agents])).toMatchObject({ code: 0 });
    expect(await repo.git('status', '--porcelain')).toBe('');
    expect((await repo.run(['doctor'])).stdout).not.toMatch(/no hook for/);
    expect((await repo.run(['uninit'])).code).toBe(0);
    expect(await repo.git('status', '--porcelain', '--ignored')).toBe('');
  });
});
