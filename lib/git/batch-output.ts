export interface GitObject {
  readonly oid: string;
  readonly type: 'commit' | 'tree' | 'blob' | 'tag';
  readonly content: Buffer;
}

interface Head {
  readonly oid: string;
  readonly type: GitObject['type'];
  readonly size: number;
}

const HEADER = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/;

/** What `git cat-file --batch` prints, in whatever pieces it comes: one answer a question, null for an object not there. */
export class BatchOutput {
  #chunks: Buffer[] = [];
  #size = 0;
  #head: Head | null = null;

  /** The answers that are complete with this piece, in the order they were asked for. */
  *take(chunk: Buffer): Generator<GitObject | null> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    for (;;) {
      const answer = this.#head === null ? this.#takeHeader() : this.#takeContent(this.#head);
      if (answer === undefined) return;
      if (answer !== 'header') yield answer;
    }
  }

  #takeHeader(): 'header' | null | undefined {
    const bytes = this.#joined();
    const end = bytes.indexOf(10);
    if (end < 0) return undefined;
    const match = HEADER.exec(bytes.toString('utf8', 0, end));
    this.#keep(bytes, end + 1);
    if (match === null) return null;
    this.#head = { oid: match[1] ?? '', type: match[2] as GitObject['type'], size: Number(match[3]) };
    return 'header';
  }

  #takeContent({ oid, type, size }: Head): GitObject | undefined {
    if (this.#size < size + 1) return undefined;
    const bytes = this.#joined();
    const content = Buffer.from(bytes.subarray(0, size));
    this.#keep(bytes, size + 1);
    this.#head = null;
    return { oid, type, content };
  }

  #joined(): Buffer {
    const bytes =
      this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }

  #keep(bytes: Buffer, from: number): void {
    this.#chunks = [bytes.subarray(from)];
    this.#size = bytes.length - from;
  }
}
