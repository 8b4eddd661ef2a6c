import type { Redacted } from '../../../lib/core/records/redact.ts';
import { carriersOf } from './carriers.ts';
import { KINDS } from './kinds.ts';
import { LOOK_ALIKES } from './look-alikes.ts';
import { Seeded } from './seeded.ts';

/** One text of the corpus. `parts` are what has to be gone afterwards; without any, nothing may be changed. */
export interface Sample {
  readonly kind: string;
  readonly text: string;
  readonly parts: readonly string[];
}

/** The corpus of a seed: secrets of every kind in every way they are carried, and look-alikes. */
export function makeCorpus(seed: number, perKind = 12, perLookAlike = 10): Sample[] {
  const random = new Seeded(seed);
  const planted = KINDS.flatMap((kind) => {
    const carriers = carriersOf(kind);
    return Array.from({ length: perKind }, (_, i): Sample => {
      // Every way comes up, also where there are more of them than samples.
      const carrier = carriers[(i + seed) % carriers.length];
      if (carrier === undefined) throw new Error(`nothing carries ${kind.name}`);
      const carried = carrier(
        kind.names.length === 0 ? '' : random.pick(kind.names),
        kind.make(random),
        random,
      );
      return { kind: kind.name, ...carried };
    });
  });
  const others = LOOK_ALIKES.flatMap(({ name, make }) =>
    Array.from({ length: perLookAlike }, (): Sample => ({ kind: name, text: make(random), parts: [] })),
  );
  return [...planted, ...others];
}

export interface Score {
  readonly planted: number;
  readonly found: number;
  /** Things taken out that were no secret. */
  readonly wrong: number;
  readonly recall: number;
  readonly precision: number;
  readonly byKind: ReadonlyMap<
    string,
    { readonly planted: number; readonly found: number; readonly wrong: number }
  >;
  readonly missed: readonly Sample[];
  readonly mistaken: readonly { readonly sample: Sample; readonly redacted: Redacted }[];
}

/** How well texts were redacted. A secret is found when no part of it is left. */
export function score(samples: readonly Sample[], redacted: readonly Redacted[]): Score {
  const byKind = new Map<string, { planted: number; found: number; wrong: number }>();
  const missed: Sample[] = [];
  const mistaken: { sample: Sample; redacted: Redacted }[] = [];
  samples.forEach((sample, i) => {
    const one = redacted[i] as Redacted;
    const kind = byKind.get(sample.kind) ?? { planted: 0, found: 0, wrong: 0 };
    byKind.set(sample.kind, kind);
    if (sample.parts.length === 0) {
      const wrong = one.found.reduce((sum, { count }) => sum + count, 0);
      kind.wrong += wrong;
      if (wrong > 0) mistaken.push({ sample, redacted: one });
      return;
    }
    kind.planted++;
    if (sample.parts.some((part) => one.text.includes(part))) missed.push(sample);
    else kind.found++;
  });
  const sum = (of: 'planted' | 'found' | 'wrong'): number =>
    [...byKind.values()].reduce((all, kind) => all + kind[of], 0);
  const [planted, found, wrong] = [sum('planted'), sum('found'), sum('wrong')];
  return {
    planted,
    found,
    wrong,
    recall: found / planted,
    precision: found / (found + wrong),
    byKind,
    missed,
    mistaken,
  };
}
