import { blobId } from '../../core/digest.ts';
import { uniteNotes } from '../../core/records/note-union.ts';
import type { ObjectInfo } from '../../git/objects/batch-output.ts';
import { importBlobs, type PathChange } from '../../git/objects/fast-import.ts';
import { objectInfos } from '../../git/objects/object-sizes.ts';
import type { Ledger } from '../ledger.ts';
import { type NotePlace, placeNote, type TreeAt } from '../notes/fanout.ts';
import { noteChanges, type PlacedNote } from '../notes/place-notes.ts';
import { type MergeProblem, type PlannedChanges, setAside } from './merge-plan.ts';
import { brings, type NoteSides } from './merge-sides.ts';

/** A note over this is kept beside the notes: no reader can be made to hold it. Records are 4 MiB at most. */
export const MAX_NOTE_BYTES: number = 64 * 1024 * 1024;
/** Joined texts held at once; beyond it they are stored as they come. */
const HELD_BYTES = 64 * 1024 * 1024;
const READS_AT_ONCE = 200;

interface WantedNote {
  readonly object: string;
  readonly place: NotePlace;
  /** Every version of it, of either side. */
  readonly oids: readonly string[];
}

/** Joins the notes of the other side into a base: what only one side has is taken as it is, without being read. */
export async function planNotes(
  ledger: Ledger,
  sides: ReadonlyMap<string, NoteSides>,
  treeAt: TreeAt,
): Promise<PlannedChanges> {
  const infos = await objectInfos(
    ledger.repo,
    [...sides.values()].flatMap(({ from, to }) => [...from, ...to]),
  );
  const wanted: WantedNote[] = [];
  for (const [object, { from, to }] of sides) {
    if (!brings(to, from) && ![...from].some((oid) => isTooLarge(infos.get(oid)))) continue;
    const place = await placeNote(object, treeAt);
    const here = place.found.map(({ oid }) => oid);
    wanted.push({ object, place, oids: [...new Set([...here, ...from, ...to])].sort() });
  }
  const unseen = wanted.flatMap(({ oids }) => oids.filter((oid) => !infos.has(oid)));
  return new NoteJoiner(ledger, new Map([...infos, ...(await objectInfos(ledger.repo, unseen))])).plan(
    wanted,
  );
}

function isTooLarge(info: ObjectInfo | undefined): boolean {
  return info !== undefined && info.size > MAX_NOTE_BYTES;
}

class NoteJoiner {
  readonly #ledger: Ledger;
  readonly #infos: ReadonlyMap<string, ObjectInfo>;
  readonly #placed: PlacedNote[] = [];
  readonly #aside: PathChange[] = [];
  readonly #removed: PathChange[] = [];
  readonly #problems: MergeProblem[] = [];
  #held = 0;

  constructor(ledger: Ledger, infos: ReadonlyMap<string, ObjectInfo>) {
    this.#ledger = ledger;
    this.#infos = infos;
  }

  async plan(wanted: readonly WantedNote[]): Promise<PlannedChanges> {
    const joined: WantedNote[] = [];
    for (const note of wanted) {
      const oids = this.#readable(note);
      if (oids.length > 1) joined.push({ ...note, oids });
      else if (oids[0] !== undefined) this.#place(note, { oid: oids[0] });
      else this.#removed.push(...note.place.found.map(({ path }) => ({ op: 'delete', path }) as const));
    }
    for (const batch of this.#inBatches(joined)) await this.#joinAll(batch);
    const changes = [...this.#removed, ...noteChanges(this.#placed), ...this.#aside];
    return { changes, problems: this.#problems };
  }

  /** The versions that can be joined. Others are named, and set aside where there is something to keep. */
  #readable({ object, oids, place }: WantedNote): string[] {
    return oids.filter((oid) => {
      const info = this.#infos.get(oid);
      const mode = place.found.find((found) => found.oid === oid)?.mode ?? '100644';
      if (!mode.startsWith('100')) this.#setAside(object, { oid, mode }, 'not-a-file');
      else if (info === undefined)
        this.#problems.push({ problem: 'missing', path: object, oid, keptAt: null });
      else if (isTooLarge(info)) this.#setAside(object, { oid, mode }, 'too-large');
      else return info.type === 'blob';
      return false;
    });
  }

  *#inBatches(notes: readonly WantedNote[]): Generator<readonly WantedNote[]> {
    let batch: WantedNote[] = [];
    let size = 0;
    for (const note of notes) {
      const bytes = note.oids.reduce((sum, oid) => sum + (this.#infos.get(oid)?.size ?? 0), 0);
      if (batch.length > 0 && (batch.length >= READS_AT_ONCE || size + bytes > HELD_BYTES)) {
        yield batch;
        [batch, size] = [[], 0];
      }
      batch.push(note);
      size += bytes;
    }
    if (batch.length > 0) yield batch;
  }

  async #joinAll(batch: readonly WantedNote[]): Promise<void> {
    const read = await Promise.all(
      batch.map(({ oids }) => Promise.all(oids.map((oid) => this.#ledger.reader.read(oid)))),
    );
    for (const [i, note] of batch.entries())
      this.#join(
        note,
        (read[i] ?? []).flatMap((blob) => (blob === null ? [] : ([[blob.oid, blob.content]] as const))),
      );
    if (this.#held > HELD_BYTES) await this.#store();
  }

  #join(note: WantedNote, versions: readonly (readonly [string, Buffer])[]): void {
    const [first] = versions;
    if (first === undefined) return;
    const binary = versions.some(([, content]) => content.includes(0));
    const text = binary
      ? ''
      : versions
          .map(([, content]) => content.toString('latin1'))
          .sort()
          .reduce(uniteNotes);
    if (!binary && text.length <= MAX_NOTE_BYTES) {
      this.#place(note, { text });
      return;
    }
    this.#place(note, { oid: first[0] });
    for (const [oid] of versions.slice(1))
      this.#setAside(note.object, { oid, mode: '100644' }, binary ? 'binary' : 'too-large');
  }

  #place({ object, place }: WantedNote, content: PlacedNote['content']): void {
    const there = place.found.length === 1 ? place.found[0]?.oid : undefined;
    const oid =
      'oid' in content ? content.oid : blobId(Buffer.from(content.text, 'latin1'), this.#ledger.repo.format);
    // What is there already needs no second name: but it may be written with the others of its folder.
    if (oid === there) return;
    this.#placed.push({ object, place, content });
    if ('text' in content) this.#held += content.text.length;
  }

  #setAside(object: string, entry: { oid: string; mode: string }, code: MergeProblem['problem']): void {
    const { change, problem } = setAside(object, entry, code);
    this.#aside.push(change);
    this.#problems.push(problem);
  }

  /** Stores the texts held so far, and goes on with their ids. */
  async #store(): Promise<void> {
    const contents: Buffer[] = [];
    for (const [i, note] of this.#placed.entries()) {
      if (!('text' in note.content)) continue;
      const content = Buffer.from(note.content.text, 'latin1');
      contents.push(content);
      this.#placed[i] = { ...note, content: { oid: blobId(content, this.#ledger.repo.format) } };
    }
    await importBlobs(this.#ledger.repo, contents);
    this.#held = 0;
  }
}
