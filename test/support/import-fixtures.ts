import { readFileSync } from 'node:fs';
import type { ParsedSource, SourceDocument } from '../../lib/capture/imports/source.ts';

/** A source as a tool writes it, from test/fixtures/imports/. */
export function importFixture(name: string): string {
  return readFileSync(new URL(`../fixtures/imports/${name}`, import.meta.url), 'utf8');
}

/** What a parser read; throws with the problem when it could not. */
export function documentFrom(parsed: ParsedSource): SourceDocument {
  if ('problem' in parsed) throw new Error(`${parsed.problem.code}: ${parsed.problem.detail}`);
  return parsed.document;
}

/** What a git-ai note is of one session, for tests that need many. */
export interface GitAiSession {
  readonly id: string;
  readonly tool?: string;
  readonly model?: string;
  readonly author?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly messages?: readonly object[];
  readonly accepted?: number;
}

/** A git-ai note with one prompt per session. Prompt ids are the session's, padded. */
export function gitAiNote(sessions: readonly GitAiSession[], version = 'authorship/3.0.0'): string {
  const keys = sessions.map(({ id }) => Buffer.from(id).toString('hex').padEnd(16, '0').slice(0, 16));
  const lines = sessions.flatMap(({ files = {} }, i) =>
    Object.entries(files).map(([path, ranges]) => `${path}\n  ${keys[i] ?? ''} ${ranges}\n`),
  );
  const prompts = Object.fromEntries(
    sessions.map(({ id, tool = 'cursor', model = 'gpt-5', author, messages = [], accepted = 1 }, i) => [
      keys[i],
      {
        agent_id: { tool, id, model },
        human_author: author ?? null,
        messages,
        total_additions: accepted,
        total_deletions: 0,
        accepted_lines: accepted,
        overriden_lines: 0,
      },
    ]),
  );
  const json = { schema_version: version, git_ai_version: '1.1.0', base_commit_sha: '', prompts };
  return `${lines.join('')}---\n${JSON.stringify(json, null, 2)}`;
}
