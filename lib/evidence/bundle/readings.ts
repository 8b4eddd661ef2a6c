import { controlsPart } from '../attest/parts.ts';
import type { BundleFile, Readable } from './evidence.ts';
import { pagePart } from './page.ts';
import { populationPart } from './population.ts';
import { readme } from './readme.ts';
import { textFile } from './text-file.ts';

/**
 * The files of a bundle that are for people and other tools and that nobody signs. The same bytes from the same values: whoever
 * verifies makes them again.
 */
export function readings(evidence: Readable, isSigned: boolean): BundleFile[] {
  return [
    textFile('README.md', readme(evidence, isSigned)),
    ...pagePart(evidence),
    ...controlsPart(evidence),
    ...populationPart(evidence),
  ];
}
