import type { ExecutionRecord } from '../../core/records/record.ts';
import type { MissingInput } from '../outcome.ts';

/** What the agent is given again. */
export interface RerunInputs {
  /** What it was asked, in order. */
  readonly prompts: readonly string[];
  readonly task: string | null;
  readonly model: string | null;
  readonly provider: string | null;
  readonly agent: string;
}

/** The inputs of a record; and those that are not kept, or can not be read here. What was taken out of a text is missing. */
export function rerunInputs(
  { task, prompts, model, agent }: ExecutionRecord,
  texts: ReadonlyMap<string, string>,
): { readonly inputs: RerunInputs; readonly missing: readonly MissingInput[] } {
  const textOf = (ref: { readonly digest: string } | null): string | null =>
    ref === null ? null : (texts.get(ref.digest) ?? null);
  const asked = prompts.length > 0 ? prompts : task === null ? [] : [task];
  const told = asked.map(textOf);
  const missing = told.flatMap((text, at): MissingInput[] =>
    text === null || REDACTED.test(text) ? [{ kind: 'field', id: `prompt ${at + 1}` }] : [],
  );
  const inputs = {
    prompts: told.filter((text) => text !== null),
    task: textOf(task),
    model: model.name,
    provider: model.provider,
    agent: agent.name,
  };
  return { inputs, missing: asked.length > 0 ? missing : [{ kind: 'field', id: 'prompts' }] };
}

const REDACTED = /\[redacted:[\w-]+\]/;
