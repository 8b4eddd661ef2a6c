/** What git printed, and the code it ended with as a shell tells it. */
export interface MergeSaid {
  readonly code: number;
  readonly stdout: Buffer;
}

/** An answer, and where the next one begins. */
interface Answer {
  readonly said: MergeSaid;
  readonly end: number;
}

/**
 * The first of the answers to many merges; null when it is not all there yet. One is what `git merge-tree -z` prints, ended by a mark and the
 * code, or what `merge-tree --stdin` prints, which begins with a digit and a NUL as neither a tree's id nor a mark does.
 */
export function nextAnswer(bytes: Buffer, mark: string): Answer | null {
  return /^[01]\0/.test(bytes.toString('latin1', 0, 2)) ? answerOfMany(bytes) : markedAnswer(bytes, mark);
}

function markedAnswer(bytes: Buffer, mark: string): Answer | null {
  const ended = `\0${mark} `;
  const at = bytes.indexOf(ended);
  const end = at < 0 ? -1 : bytes.indexOf('\n', at);
  if (end < 0) return null;
  const code = Number(bytes.toString('latin1', at + ended.length, end));
  return { said: { code, stdout: bytes.subarray(0, at) }, end: end + 1 };
}

/** 1 (clean) or 0, the tree, paths in conflict, an empty field, messages, an empty field: each ended by NUL, which no name holds. */
function answerOfMany(bytes: Buffer): Answer | null {
  const fields = fieldsOf(bytes);
  const isClean = fields() === '1';
  fields();
  for (let path = fields(); path !== ''; path = fields()) if (path === null) return null;
  for (let count = fields(); count !== ''; count = fields()) {
    if (count === null) return null;
    // Its paths, a kind, and a text.
    for (let left = Number(count) + 2; left > 0; left--) if (fields() === null) return null;
  }
  const end = fields.at();
  return { said: { code: isClean ? 0 : 1, stdout: bytes.subarray(2, end - 1) }, end };
}

interface Fields {
  /** The next one; null when it has no end yet. */
  (): string | null;
  /** Where the one after it begins. */
  readonly at: () => number;
}

function fieldsOf(bytes: Buffer): Fields {
  let at = 0;
  const next = (): string | null => {
    const end = bytes.indexOf(0, at);
    if (end < 0) return null;
    const field = bytes.toString('latin1', at, end);
    at = end + 1;
    return field;
  };
  return Object.assign(next, { at: () => at });
}
