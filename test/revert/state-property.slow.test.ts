import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Files, lines, type Scene, scene } from '../support/revert.ts';

const RUNS = 12;

/** One thing somebody does. Files are the agent's a and b, and a person's p; a person also writes far down in a and b. */
type Step =
  | { readonly do: 'revert' | 'reland'; readonly paths: readonly ('a' | 'b')[] }
  | { readonly do: 'person'; readonly file: 'a' | 'b' | 'p' }
  | { readonly do: 'git-revert' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('revert' as const, 'reland' as const),
    paths: fc.subarray(['a' as const, 'b' as const]),
  }),
  fc.record({ do: fc.constant('person' as const), file: fc.constantFrom('a', 'b', 'p') }),
  fc.constant({ do: 'git-revert' as const }),
);

/** What is so, as far as anybody can say without git: which of the agent's files are in force, and what persons wrote. */
interface Model {
  readonly inForce: Set<'a' | 'b'>;
  readonly person: Map<string, number>;
  /** What the newest commit turned, if it did. */
  last: readonly ('a' | 'b')[];
}

const AGENTS = ['a', 'b'] as const;

function contentOf(name: string, { inForce, person }: Model): string {
  const written = person.get(name) ?? 0;
  const far = [...Array(8).keys()].map((i) => `${name} ${i}`);
  const top = name === 'p' ? [] : [(inForce as Set<string>).has(name) ? 'agent' : 'start'];
  return lines([...top, ...far, `person ${written}`]);
}

function filesOf(model: Model): Files {
  return Object.fromEntries([...AGENTS, 'p'].map((name) => [name, contentOf(name, model)]));
}

async function act(made: Scene, model: Model, one: Step): Promise<void> {
  if (one.do === 'person') {
    model.person.set(one.file, (model.person.get(one.file) ?? 0) + 1);
    model.last = [];
    await made.person(filesOf(model));
    return;
  }
  if (one.do === 'git-revert') {
    // A person takes back whatever the newest commit turned, with git alone.
    if (model.last.length === 0) return;
    await made.repo.git('revert', '--no-edit', 'HEAD');
    turn(model, model.last);
    return;
  }
  const wanted = one.paths.length === 0 ? AGENTS : one.paths;
  const turned = wanted.filter((path) => model.inForce.has(path) === (one.do === 'revert'));
  const reland = one.do === 'reland';
  if (turned.length === 0 && one.paths.length > 0) return;
  const planned = await made.plan({ reland, paths: one.paths });
  if (turned.length === 0) {
    expect(planned.plan).toMatchObject({
      verdict: reland ? 'in-force' : 'already-reverted',
      resultTree: null,
    });
    return;
  }
  expect(planned.plan.verdict).toBe('clean');
  expect(planned.plan.files.map(({ path }) => path)).toEqual(turned);
  await planned.apply();
  turn(model, turned);
}

function turn(model: Model, paths: readonly ('a' | 'b')[]): void {
  for (const path of paths) if (!model.inForce.delete(path)) model.inForce.add(path);
  model.last = paths;
}

it(`whatever was reverted, in part or whole, and landed again: the state told is the model's (${RUNS} histories)`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 7 }), async (steps) => {
      const made = await scene();
      const model: Model = { inForce: new Set(), person: new Map(), last: [] };
      await made.person(filesOf(model));
      model.inForce.add('a');
      await made.agent(filesOf(model));
      model.inForce.add('b');
      await made.agent(filesOf(model));
      for (const one of steps) {
        await act(made, model, one);
        for (const [path, content] of Object.entries(filesOf(model)))
          expect(await made.repo.read(path)).toBe(content);
      }
      const planned = await made.plan();
      const isOut = model.inForce.size === 0;
      expect(planned.plan.verdict).toBe(isOut ? 'already-reverted' : 'clean');
      model.inForce.clear();
      if (!isOut)
        for (const [path, content] of Object.entries(filesOf(model)))
          expect(await planned.file(path)).toBe(content);
    }),
    { numRuns: RUNS, seed: 20261122, endOnFailure: true },
  );
}, 240_000);
