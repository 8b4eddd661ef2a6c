import { findRandomWords } from './entropy.ts';
import type { Finding } from './finding.ts';
import { findPatterns } from './patterns.ts';
import { findPrivateKeys } from './private-keys.ts';
import { longRuns, type Run } from './runs.ts';
import { findWithSecretlint } from './secretlint.ts';
import { decodedRuns, unescaped } from './views.ts';

const DEEPEST = 3;
const SHORTEST_RUN = 16;
const SEPARATOR = '\n\u0000\n';

/** Everything secret in a text: as it stands, in strings of strings, and in what base64 hides. */
export async function findSecrets(text: string, depth = 0): Promise<Finding[]> {
  const runs = longRuns(text, SHORTEST_RUN);
  // Its rules are for what stands in files; within strings and encodings the patterns find the same.
  const findings = depth === 0 ? [await findWithSecretlint(text)] : [];
  findings.push(findPrivateKeys(text), findPatterns(text));
  if (depth === 0) findings.push(findRandomWords(text, runs));
  if (depth < DEEPEST) findings.push(await findInStrings(text, depth), await findEncoded(text, runs, depth));
  return findings.flat();
}

async function findInStrings(text: string, depth: number): Promise<Finding[]> {
  const view = unescaped(text);
  if (view === null) return [];
  const found = await findSecrets(view.text, depth + 1);
  return found.map(({ rule, start, end }) => ({ rule, ...view.range(start, end) }));
}

/** All of what was encoded goes when there is a secret in it. */
async function findEncoded(text: string, runs: readonly Run[], depth: number): Promise<Finding[]> {
  const encoded = decodedRuns(text, runs);
  if (encoded.length === 0) return [];
  const found = await findSecrets(encoded.map((one) => one.text).join(SEPARATOR), depth + 1);
  found.sort((a, b) => a.start - b.start);
  let at = 0;
  let next = 0;
  return encoded.flatMap(({ text: inside, start, end }) => {
    while (next < found.length && (found[next] as Finding).end <= at) next++;
    const first = found[next];
    at += inside.length + SEPARATOR.length;
    return first !== undefined && first.start < at ? [{ rule: first.rule, start, end }] : [];
  });
}
