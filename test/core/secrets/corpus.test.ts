import { expect, test } from 'vitest';
import { redactTexts } from '../../../lib/core/records/redact.ts';
import type { PiiSettings } from '../../../lib/core/secrets/pii.ts';
import { makeCorpus, score } from '../../support/secrets/corpus.ts';

const ALL_MASKED: PiiSettings = { email: 'mask', card: 'mask', iban: 'mask', phone: 'mask' };
/** The rules were written with seeds 1 to 9 in view; these are not among them. */
const HELD_OUT = [7001, 7002, 7003];

test.each(HELD_OUT)(
  'the corpus of seed %i: recall 0.98, precision 0.95, and every kind is found',
  async (seed) => {
    const samples = makeCorpus(seed);
    const texts = samples.map(({ text }) => text);
    const result = score(samples, await redactTexts(texts, ALL_MASKED));
    const { planted, found, wrong, recall, precision, byKind } = result;
    console.info(
      `seed ${seed}: ${found} of ${planted} found, ${wrong} mistaken in ${samples.length - planted} look-alikes; recall ${recall.toFixed(4)}, precision ${precision.toFixed(4)}`,
    );
    expect(planted).toBeGreaterThanOrEqual(400);
    expect(samples.length - planted).toBeGreaterThanOrEqual(400);
    const kinds = [...byKind].filter(([, kind]) => kind.planted > 0);
    expect(kinds.length).toBeGreaterThanOrEqual(30);
    expect(
      recall,
      result.missed.map(({ kind, text }) => `${kind}: ${text}`).join('\n'),
    ).toBeGreaterThanOrEqual(0.98);
    expect(
      precision,
      result.mistaken.map(({ sample, redacted }) => `${sample.kind}: ${redacted.text}`).join('\n'),
    ).toBeGreaterThanOrEqual(0.95);
    // Of a dozen of a kind one may be missed, and of ten look-alikes one mistaken.
    const bad = [...byKind].filter(([, kind]) => kind.planted - kind.found > 1 || kind.wrong > 1);
    expect(bad).toEqual([]);
  },
);
