import * as fc from 'fast-check';
import type { Payload } from '../../lib/capture/agents/payload.ts';

/**
 * Payloads with these fields, each of them missing, any JSON, one of the given words, or an object with those as keys:
 * near enough to the real ones to get far, and wrong in every way.
 */
export function anyPayload(words: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<Payload> {
  const fields = Object.entries(words).map(([name, some]) => [
    name,
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...some) },
      { weight: 1, arbitrary: fc.jsonValue() },
      { weight: 2, arbitrary: fc.dictionary(fc.constantFrom(...some), fc.jsonValue()) },
    ),
  ]);
  return fc
    .record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] })
    .map((value) => JSON.parse(JSON.stringify(value)) as Payload);
}
