import type { Binding } from '../../../lib/core/records/binding.ts';
import type { Effect } from './operations.ts';
import type { Recorded } from './random-history.ts';
import { ancestors, type Fact, parentTree, type World } from './world.ts';

/** Whose work is in a commit, as far as what was done to make it tells. */
interface Provenance {
  /** Records by number: every one whose work went in. */
  readonly work: ReadonlySet<string>;
  /** Git itself said what it was made of, all the way from a record's own commit. */
  readonly known: boolean;
}

const NOBODYS: Provenance = { work: new Set(), known: false };

/** What the ledger said of a commit. */
export interface Told {
  readonly binding: Binding;
  readonly sealed: boolean;
  /** Number of the record it names first, whether it holds it or only claims it; '?' for one nobody made. */
  readonly record: string | null;
  /** Numbers of all the records it is said to hold. */
  readonly held: readonly string[];
}

const STRENGTH: readonly Binding[] = ['none', 'claimed', 'modified', 'squashed', 'same-patch', 'exact'];

/** What may and what must be told of each commit, known from what was done to history and from git, never from a note. */
export class Model {
  readonly #records: ReadonlyMap<string, Recorded>;
  readonly #provenance = new Map<string, Provenance>();

  constructor(records: ReadonlyMap<string, Recorded>, { reachable }: World) {
    this.#records = records;
    for (const { oid, numbers } of reachable) {
      const work = new Set(numbers.filter((number) => records.get(number)?.commit === oid));
      this.#provenance.set(oid, { work, known: work.size > 0 });
    }
  }

  /** Takes in what an operation made of the branch it began on. */
  follow(before: World, source: readonly string[], after: World, { joined, paired }: Effect): void {
    const last = new Map<string, string>();
    for (const oid of [...before.reachable.map((fact) => fact.oid), ...source])
      for (const number of before.facts.get(oid)?.numbers ?? []) last.set(number, oid);
    for (const { oid, numbers } of after.reachable) {
      if (this.#provenance.has(oid)) continue;
      const all = new Set(numbers.flatMap((number) => [number, ...(joined.get(number) ?? [])]));
      const from = [...all].map((number) => this.#of(last.get(number) ?? ''));
      const work = new Set(from.flatMap((one) => [...one.work]));
      this.#provenance.set(oid, { work, known: paired && from.some(({ known }) => known) });
    }
  }

  /** What is wrong with what was told of a commit; empty when nothing is. */
  wrongWith(world: World, fact: Fact, told: Told, relinked: boolean): string[] {
    return [...this.#tooMuch(world, fact, told), ...this.#tooLittle(world, fact, told, relinked)];
  }

  #of(oid: string): Provenance {
    return this.#provenance.get(oid) ?? NOBODYS;
  }

  #isNamed({ message }: Fact, number: string): boolean {
    const digest = this.#records.get(number)?.record;
    return digest !== undefined && message.includes(digest);
  }

  /** How firmly a record can belong to a commit at most. */
  #most(world: World, fact: Fact, number: string): Binding {
    const own = world.facts.get(this.#records.get(number)?.commit ?? '');
    if (own === undefined) return 'none';
    const isNamed = this.#isNamed(fact, number);
    const { work } = this.#of(fact.oid);
    if (fact.parents.length < 2 && makesTheSame(world, fact, own)) return 'exact';
    if (fact.parents.length < 2 && isSameChange(world, fact, own)) return 'same-patch';
    if (work.has(number)) return work.size > 1 ? 'squashed' : 'modified';
    if (isNamed && standsThere(world, fact, own)) return 'modified';
    return isNamed ? 'claimed' : 'none';
  }

  /** Never a record whose work is not in it, and none more firmly than can be shown. */
  #tooMuch(world: World, fact: Fact, { binding, sealed, record, held }: Told): string[] {
    const named = record === null ? [] : [record];
    const all = [
      ...named.map((number) => ({ number, binding })),
      ...held.map((number) => ({ number, binding: 'modified' as const })),
    ];
    const tooFirm = all
      .map((one) => ({ ...one, most: this.#most(world, fact, one.number) }))
      .filter((one) => STRENGTH.indexOf(one.binding) > STRENGTH.indexOf(one.most))
      .map((one) => `${one.binding} of ${one.number}, which is ${one.most} at most`);
    const isNamed = record !== null && this.#isNamed(fact, record);
    return record === null || sealed === isNamed ? tooFirm : [...tooFirm, `sealed is ${String(sealed)}`];
  }

  /** Never less than the message and the content show, or git itself has said. */
  #tooLittle(world: World, fact: Fact, { held }: Told, relinked: boolean): string[] {
    if (fact.files.length === 0) return [];
    const below = ancestors(world, fact);
    const { work, known } = this.#of(fact.oid);
    const missing = [...this.#records.keys()].flatMap((number) => {
      const most = this.#most(world, fact, number);
      const isFound = this.#isNamed(fact, number) || (relinked && this.#isSought(world, fact, number));
      const isDue = isFound && (most === 'exact' || most === 'same-patch');
      return isDue && !held.includes(number) ? [`nothing of ${number}, which is ${most}`] : [];
    });
    const isTold = held.some((number) => work.has(number));
    return known && !isTold && this.#isDue(world, fact, below)
      ? [...missing, `nothing of ${[...work].join()}`]
      : missing;
  }

  /** Relink looks for work that is in nothing else of a branch: what is there already was made anew. */
  #isSought({ branches }: World, fact: Fact, number: string): boolean {
    const holds = (oid: string): boolean => oid !== fact.oid && this.#of(oid).work.has(number);
    return (
      this.#of(fact.oid).work.has(number) &&
      branches.some((reached) => reached.has(fact.oid) && ![...reached].some(holds))
    );
  }

  /** Git led here from recorded work; unless nothing of its files is left, or it is below already. */
  #isDue({ facts }: World, fact: Fact, below: ReadonlySet<string>): boolean {
    const { work } = this.#of(fact.oid);
    const files = [...work].flatMap(
      (number) => facts.get(this.#records.get(number)?.commit ?? '')?.files ?? [],
    );
    const isBelow = [...below].some((oid) => [...this.#of(oid).work].some((number) => work.has(number)));
    return !isBelow && files.some((file) => fact.files.includes(file));
  }
}

function makesTheSame(world: World, fact: Fact, own: Fact): boolean {
  return fact.tree === own.tree && parentTree(world, fact) === parentTree(world, own);
}

function isSameChange({ changes }: World, fact: Fact, own: Fact): boolean {
  const change = changes.get(fact.oid);
  return change !== undefined && change === changes.get(own.oid);
}

/** Where the record's own commit stood, or in the place of the one below it. */
function standsThere(world: World, fact: Fact, own: Fact): boolean {
  const below = world.facts.get(own.parents[0] ?? '');
  return (
    parentTree(world, fact) === parentTree(world, own) ||
    (below !== undefined && below.parents.join() === fact.parents.join())
  );
}
