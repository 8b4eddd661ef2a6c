import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ShellCall } from '../../../lib/capture/session/shell-call.ts';
import { claimSteps, type HeadHistory, type SessionCall } from '../../../lib/capture/sweep/claims.ts';
import type { Commit } from '../../../lib/git/objects/objects.ts';
import type { ReflogEntry } from '../../../lib/git/refs/reflog.ts';

/** A worktree in which an agent and people work by turns, and what each of them leaves to be seen. */
class World {
  readonly steps: ReflogEntry[] = [];
  readonly commits = new Map<string, Commit>();
  readonly calls: SessionCall[] = [];
  readonly people: string[] = [];
  readonly recorded = new Set<string>();
  readonly agents = new Set<string>();
  readonly persons = new Set<string>();
  #head = this.#make([]);
  #clock = 1000;

  constructor() {
    this.steps.push({ oid: this.#head, action: 'commit (initial): First' });
    this.persons.add(this.#head);
  }

  commit(who: 'agent' | 'sealed' | 'person', amend: boolean, silent: boolean): void {
    const before = this.commits.get(this.#head);
    const parents = amend ? [...(before?.parents ?? [])] : [this.#head];
    if (who === 'person') this.people.push(this.#head);
    this.#head = this.#make(parents);
    this.steps.push({ oid: this.#head, action: silent ? '' : amend ? 'commit (amend): x' : 'commit: x' });
    if (who === 'sealed') this.recorded.add(this.#head);
    (who === 'person' ? this.persons : this.agents).add(this.#head);
  }

  /** Somebody else's work comes in, or HEAD goes back. */
  move(action: string): void {
    this.#head = this.#make([this.#head]);
    this.persons.add(this.#head);
    this.steps.push({ oid: this.#head, action });
  }

  giveUp(): void {
    this.people.push(this.#head);
  }

  call(work: () => void): void {
    const before = { head: this.#head, branch: 'main' };
    const startedAt = ++this.#clock;
    work();
    const after = { head: this.#head, branch: 'main' };
    const call: ShellCall = {
      id: `call${this.calls.length}`,
      top: '/repo',
      before,
      after,
      startedAt,
      endedAt: ++this.#clock,
      promptSeq: 1,
      files: null,
    };
    this.calls.push({ session: 's', call });
  }

  get history(): HeadHistory {
    const { steps, commits, people, recorded } = this;
    return { steps, from: 1, commits, people, recorded };
  }

  #make(parents: string[]): string {
    const oid = (this.commits?.size ?? 0).toString(16).padStart(40, '0');
    this.commits?.set(oid, { oid, tree: oid, parents, author: '', committer: '', message: '' });
    return oid;
  }
}

type Act = (world: World) => void;

const personActs: fc.Arbitrary<Act> = fc.oneof(
  fc.boolean().map(
    (amend): Act =>
      (world) =>
        world.commit('person', amend, false),
  ),
  fc
    .constantFrom(
      'pull: Fast-forward',
      'checkout: moving from a to b',
      'reset: moving to x',
      'rebase (pick): x',
    )
    .map(
      (action): Act =>
        (world) =>
          world.move(action),
    ),
);
const agentActs: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(fc.boolean(), fc.boolean()).map(
    ([amend, silent]): Act =>
      (world) =>
        world.commit('agent', amend, silent && !amend),
  ),
  fc.boolean().map(
    (amend): Act =>
      (world) =>
        world.commit('sealed', amend, false),
  ),
  fc.constant<Act>((world) => world.move('cherry-pick: x')),
);

function interleavings(inside: fc.Arbitrary<Act>): fc.Arbitrary<World> {
  const call = fc.array(inside, { maxLength: 4 }).map(
    (acts): Act =>
      (world) =>
        world.call(() => acts.forEach((act) => act(world))),
  );
  return fc.array(fc.oneof(personActs, call), { maxLength: 12 }).map((acts) => {
    const world = new World();
    for (const act of acts) act(world);
    return world;
  });
}

const claimed = (world: World): Set<string> =>
  new Set(claimSteps(world.calls, world.history).claims.map(({ commit }) => commit));

describe('claims over every interleaving of an agent and people', () => {
  it("never take a person's commit, wherever it was made", () => {
    fc.assert(
      fc.property(interleavings(fc.oneof(personActs, agentActs)), (world) => {
        for (const commit of claimed(world)) expect(world.persons.has(commit)).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  it('take every commit an agent made without our hooks, when no person commits at the same time', () => {
    fc.assert(
      fc.property(interleavings(agentActs), (world) => {
        const unseen = [...world.agents].filter((commit) => !world.recorded.has(commit));
        expect(claimed(world)).toEqual(new Set(unseen));
      }),
      { numRuns: 3000 },
    );
  });

  it("name what they can't tell: an agent's commit where a person began one and gave up", () => {
    const world = new World();
    world.giveUp();
    world.call(() => world.commit('agent', false, false));
    const { claims, unclear, people } = claimSteps(world.calls, world.history);
    expect(claims).toEqual([]);
    expect(unclear).toMatchObject([{ session: 's', why: 'a person began a commit at the same place' }]);
    expect(people).toEqual([]);
  });

  it('say which commit was replaced', () => {
    const world = new World();
    world.call(() => {
      world.commit('agent', false, false);
      world.commit('agent', true, false);
    });
    const [first, second] = claimSteps(world.calls, world.history).claims;
    expect([first?.amends, second?.amends]).toEqual([null, first?.commit]);
  });

  it('do not look again at what an earlier sweep saw', () => {
    const world = new World();
    world.call(() => world.commit('agent', false, false));
    const { history } = world;
    expect(claimSteps(world.calls, { ...history, from: history.steps.length }).claims).toEqual([]);
  });
});
