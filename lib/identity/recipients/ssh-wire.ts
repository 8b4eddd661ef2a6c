/** Reads what ssh writes: strings with their length in front. Null where there is less than it should be. */
export class SshReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  string(): Buffer | null {
    const length = this.uint32();
    return length === null ? null : this.take(length);
  }

  uint32(): number | null {
    return this.take(4)?.readUInt32BE() ?? null;
  }

  take(length: number): Buffer | null {
    const end = this.#at + length;
    if (end > this.#bytes.length) return null;
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }
}
