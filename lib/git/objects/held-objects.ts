import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { ObjectFormat } from '../../core/digest.ts';
import type { GitObject } from './batch-output.ts';
import { type PackedObject, packFileOf, STORED } from './pack-file.ts';

/** Fewer than that are a file each: git looks through every pack there is for each object it wants. */
const WORTH_A_PACK = 8;
const MOST_PACKS = 64;

/** Bytes that are held at most. */
const MOST_HELD = 16 * 1024 * 1024;

/**
 * Objects that were made for a repository and no git process needs yet. Writing one file for all of them takes less than
 * one for each, and many are only looked at here.
 */
export class HeldObjects {
  readonly #folder: string;
  readonly #format: ObjectFormat;
  readonly #held = new Map<string, PackedObject>();
  /** Objects and folders that were written, each once. */
  readonly #written = new Set<string>();
  #bytes = 0;
  #packs = 0;

  /** `folder` is the repository's folder of objects, with `pack` in it. */
  constructor(folder: string, format: ObjectFormat) {
    this.#folder = folder;
    this.#format = format;
  }

  /** Takes an object in. Gives its id. */
  add(type: PackedObject['type'], content: Uint8Array): string {
    const header = Buffer.from(`${type} ${content.byteLength}\0`);
    const oid = createHash(this.#format).update(header).update(content).digest('hex');
    if (this.#held.has(oid) || this.#written.has(oid)) return oid;
    this.#held.set(oid, { oid, type, content });
    this.#bytes += content.byteLength;
    if (this.#bytes > MOST_HELD) this.write();
    return oid;
  }

  /** What is held under an id; null for what was written and what never was here. */
  get(oid: string): GitObject | null {
    const held = this.#held.get(oid);
    return held === undefined ? null : { ...held, content: Buffer.from(held.content) };
  }

  /** Writes all that is held, as git would. A git at work never sees half of anything. */
  write(): void {
    const objects = [...this.#held.values()];
    if (objects.length >= WORTH_A_PACK && this.#packs < MOST_PACKS) this.#writePack(objects);
    else for (const object of objects) this.#writeLoose(object);
    for (const { oid } of objects) this.#written.add(oid);
    this.#held.clear();
    this.#bytes = 0;
  }

  #writePack(objects: readonly PackedObject[]): void {
    const { name, pack, index } = packFileOf(objects, this.#format);
    this.#packs++;
    const path = join(this.#folder, 'pack', `pack-${name}`);
    // A pack counts once its index is there.
    this.#put(`${path}.pack`, pack);
    this.#put(`${path}.idx`, index);
  }

  #writeLoose({ oid, type, content }: PackedObject): void {
    const folder = join(this.#folder, oid.slice(0, 2));
    if (!this.#written.has(folder)) mkdirSync(folder, { recursive: true });
    this.#written.add(folder);
    const whole = Buffer.concat([Buffer.from(`${type} ${content.byteLength}\0`), content]);
    this.#put(join(folder, oid.slice(2)), deflateSync(whole, STORED));
  }

  #put(path: string, bytes: Uint8Array): void {
    const temporary = join(this.#folder, 'being-written');
    writeFileSync(temporary, bytes, { mode: 0o444 });
    renameSync(temporary, path);
  }
}
