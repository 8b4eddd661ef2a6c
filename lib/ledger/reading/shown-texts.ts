import type { ShowDocument } from '../../core/generated/show-v1.types.ts';
import type { ExecutionRecord } from '../../core/records/record.ts';
import type { MissingText } from '../payloads/read.ts';

/** Texts by digest, as far as the caller may read them. */
export type Texts = ReadonlyMap<string, string>;

/** Why other texts can't be read, by digest. */
export type MissingTexts = ReadonlyMap<string, MissingText>;

interface TextRef {
  readonly digest: string;
  readonly size: number;
}

/** A text where it can be read, else why not. */
export interface ShownText extends TextRef {
  text?: string;
  missing?: { why: MissingText['why']; says: string; readers: string[] };
}

/** Digests of the texts a description shows a beginning of. */
export function textDigests(record: ExecutionRecord): Set<string> {
  return digestsOf([
    record.task,
    record.reason,
    ...(record.contributors ?? []).map(({ task }) => task),
    ...record.prompts,
    ...record.toolCalls.map(({ args }) => args),
  ]);
}

/** Digests of every text of a record: what tools gave back, too, and addresses of what it read. */
export function allTextDigests(record: ExecutionRecord): Set<string> {
  const more = [
    ...record.toolCalls.map(({ result }) => result),
    ...record.context.map(({ uriText }) => uriText),
  ];
  return new Set([...textDigests(record), ...digestsOf(more)]);
}

function digestsOf(refs: readonly ({ readonly digest: string } | null | undefined)[]): Set<string> {
  return new Set(refs.flatMap((ref) => ref?.digest ?? []));
}

/** A text as a document shows it. */
export function withText({ digest, size }: TextRef, texts: Texts, missing: MissingTexts): ShownText {
  const text = texts.get(digest);
  if (text !== undefined) return { digest, size, text };
  const known = missing.get(digest);
  return {
    digest,
    size,
    ...(known === undefined ? {} : { missing: { ...known, readers: [...known.readers] } }),
  };
}

/** A call with what went in and came out, as far as that was asked for; of what is missing only a word, there may be thousands. */
export function shownCall(
  call: ExecutionRecord['toolCalls'][number],
  texts: Texts,
  missing: MissingTexts,
): ShowDocument['toolCalls'][number] {
  const { args, result, files, ...rest } = call;
  const [input, output] = [args, result].map((ref) => (ref === null ? undefined : texts.get(ref.digest)));
  const [noInput, noOutput] = [args, result].map((ref) =>
    ref === null ? undefined : missing.get(ref.digest)?.why,
  );
  return {
    ...rest,
    argsDigest: args?.digest ?? null,
    resultDigest: result?.digest ?? null,
    ...(input === undefined ? {} : { args: input }),
    ...(output === undefined ? {} : { result: output }),
    ...(noInput === undefined ? {} : { argsMissing: noInput }),
    ...(noOutput === undefined ? {} : { resultMissing: noOutput }),
    ...(files === undefined ? {} : { files: files.map((file) => ({ ...file })) }),
  };
}
