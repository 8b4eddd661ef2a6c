import { packExactly } from '../../git/objects/pack-objects.ts';
import { tracePath } from '../../git/trees/path-trace.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { EvidenceNote } from './evidence.ts';

/**
 * A pack of the objects that prove where the lines lie: the ledger's tip, the trees on the way to each note, the notes that are
 * wholly of the question, and whatever else is named. Never the blob of a note that others share.
 */
export async function proofPack(
  ledger: Ledger,
  tip: string | null,
  notes: readonly EvidenceNote[],
  objects: Iterable<string>,
): Promise<Buffer | null> {
  const all = new Set(objects);
  const forbidden = new Set(notes.filter(({ isWhole }) => !isWhole).map(({ blob }) => blob));
  if (tip !== null) all.add(tip);
  const traces = await Promise.all(notes.map(({ path }) => tracePath(ledger.reader, tip ?? '', path)));
  for (const { trees } of traces) for (const tree of trees) all.add(tree);
  for (const { blob, isWhole } of notes) if (isWhole) all.add(blob);
  for (const blob of forbidden) all.delete(blob);
  return all.size === 0 ? null : packExactly(ledger.repo, all);
}
