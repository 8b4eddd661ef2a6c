/** A pattern, and what has to hold for what it matched. */
export interface Rule {
  readonly id: string;
  /** A token tells by itself what it is; a value is a secret because of the name in front of it. */
  readonly kind: 'token' | 'assigned';
  /** Letters every match has, in lower case; nothing is tried where none of them is. At least three. */
  readonly heads: readonly string[];
  /** How many letters before them a match begins, at least and at most. */
  readonly back: readonly [number, number];
  readonly source: string;
  readonly flags: string;
  /** The secret has more bits a letter than this. */
  readonly entropy: number;
  /** Whether a match is a secret indeed. */
  readonly accepts?: (match: Match) => boolean;
}

/** What a pattern matched: the secret is its only group, or all of it. */
export interface Match {
  readonly rule: Rule;
  readonly text: string;
  readonly secret: string;
  readonly start: number;
  readonly end: number;
  readonly secretStart: number;
}

const COUNTS = new Uint32Array(128);

/** Shannon's entropy, in bits a letter; what is not ASCII counts as one letter. */
export function entropyOf(text: string): number {
  COUNTS.fill(0);
  for (let i = 0; i < text.length; i++) {
    const code = Math.min(text.charCodeAt(i), 127);
    COUNTS[code] = (COUNTS[code] as number) + 1;
  }
  let bits = 0;
  for (const count of COUNTS) if (count > 0) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
