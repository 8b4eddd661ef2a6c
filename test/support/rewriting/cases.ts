import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectHistory, expectSuperseded, type Rows } from './history.ts';
import { type Scene, sceneForTest, type Template, template } from './scene.ts';

/** One way of rewriting history, and what every commit is known as after it. */
export interface Case {
  readonly name: string;
  readonly act: (scene: Scene) => Promise<void>;
  readonly want: Rows;
  /** After `relink`, where that finds what nobody told; the next command may have found it before. */
  readonly relinked?: Rows;
}

/** What the branch nobody rewrites resolves to. */
export const FIRST: readonly string[] = ['First: none', 'Base: none'];

/** Runs each case, by group, on a copy of one scene. */
export function itRewrites(
  groups: Readonly<Record<string, readonly Case[]>>,
  build?: Parameters<typeof template>[0],
): void {
  let made: Template;
  beforeAll(async () => {
    made = await template(build);
  });
  afterAll(() => made.remove());

  describe.each(Object.entries(groups))('%s', (_, cases) => {
    it.each(cases)('$name', (one) => check(made, one));
  });
}

async function check(made: Template, { act, want, relinked }: Case): Promise<void> {
  const scene = await sceneForTest(made);
  await act(scene);
  await expectHistory(scene, want, relinked);
  await relinkAll(scene, Object.keys(want));
  await expectHistory(scene, relinked ?? want);
  await expectSuperseded(scene);
  const ledger = await scene.repo.git('rev-parse', 'refs/notes/agent-log');
  await relinkAll(scene, Object.keys(want));
  expect(await scene.repo.git('rev-parse', 'refs/notes/agent-log')).toBe(ledger);
}

async function relinkAll({ repo }: Scene, branches: readonly string[]): Promise<void> {
  for (const branch of branches) {
    const { code, stderr } = await repo.run(['relink', branch]);
    expect(code, stderr).toBe(0);
  }
}
