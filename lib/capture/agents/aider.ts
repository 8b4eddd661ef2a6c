import type { AgentAdapter, AgentEvent } from './events.ts';
import { defined, label } from './payload.ts';

/** Aider has no hooks: what it tells is in its chat history, a Markdown file in the repository, and in its commits. */
export const aider: AgentAdapter = {
  name: 'aider',
  provider: null,
  provides: {
    title: 'Aider',
    ranWith: null,
    prompts: 'transcript',
    model: 'transcript',
    usage: 'none',
    callIds: 'none',
    subagents: 'none',
    mcp: 'none',
    sessionAtCommit: 'transcript',
    transcript: '.aider.chat.history.md',
    notes: [
      'It has no hooks: a commit is known for its own by the committer name `… (aider)`, or by its co-author trailer where the chat history is in the repository. With `--no-attribute-committer` and no trailer, only `git agent-log run -- aider …` records it.',
      'Its token counts are rounded, so none are recorded.',
    ],
  },
  recognises: () => false,
  parse: () => null,
};

export const AIDER_HISTORY = '.aider.chat.history.md';

/** The last launch of Aider that its history tells of. */
export interface AiderChat {
  /** When it was started, as it wrote it: no two launches of one repository share it. */
  readonly startedAt: string;
  readonly version: string | null;
  readonly model: string | null;
  readonly prompts: readonly string[];
  /** What it answered last. */
  readonly said: string | null;
}

const START = '# aider chat started at ';
const PROMPT = '#### ';
const TOOL = '> ';
const MAX_PROMPTS = 1000;

/** Reads a history: prompts begin with `####`, what Aider itself says with `>`, anything else is the model's answer. */
export function parseAiderHistory(text: string): AiderChat | null {
  const last = text.lastIndexOf(`\n${START}`) + 1;
  if (!text.startsWith(START, last)) return null;
  const [first = '', ...lines] = text.slice(last).split(/\r?\n/);
  const told = lines.filter((line) => line.startsWith(TOOL));
  const { prompts, said } = conversation(lines);
  return {
    startedAt: label(first.slice(START.length).trim()),
    version: lastMatch(told, /^> Aider v(\d[\w.+-]*)/),
    model: lastMatch(told, /^> (?:Main model|Model): (\S+)/),
    prompts: prompts.slice(-MAX_PROMPTS),
    said,
  };
}

/** The model in the trailer Aider puts into a message; null when it put none. */
export function aiderTrailer(message: string): { readonly model: string | null } | null {
  const found =
    /^Co-authored-by:[ \t]*aider(?:[ \t]*\(([^()\n]{1,200})\))?[ \t]*<(?:aider@aider\.chat|noreply@aider\.(?:chat|dev))>/im.exec(
      message,
    );
  return found === null ? null : { model: found[1] === undefined ? null : label(found[1]) };
}

/** A chat as the events its hooks would have been, with a mark for each that stays the same as the chat goes on. */
export function aiderEvents(
  chat: AiderChat,
  at: number,
): { readonly mark: string; readonly event: AgentEvent }[] {
  const event = (what: AgentEvent['what']): AgentEvent => ({
    at,
    agent: 'aider',
    sessionId: chat.startedAt,
    cwd: null,
    ...defined({ model: chat.model ?? undefined, version: chat.version ?? undefined }),
    what,
  });
  return [
    { mark: 'aider-start', event: event({ kind: 'start', source: 'history' }) },
    ...chat.prompts.map((text, i) => ({
      mark: `aider-prompt-${i}`,
      event: event({ kind: 'prompt', text, byUser: true }),
    })),
    ...(chat.said === null
      ? []
      : [
          {
            mark: `aider-said-${chat.prompts.length}-${chat.said.length}`,
            event: event({ kind: 'stop', said: chat.said }),
          },
        ]),
  ];
}

function conversation(lines: readonly string[]): { prompts: string[]; said: string | null } {
  const prompts: string[] = [];
  let prompt: string[] = [];
  let answer: string[] = [];
  const close = (): void => {
    const text = prompt.join('\n').trim();
    if (text !== '' && !isCommand(text)) prompts.push(text);
    prompt = [];
  };
  for (const line of lines) {
    if (line.startsWith(PROMPT)) {
      answer = [];
      prompt.push(line.slice(PROMPT.length).trimEnd());
    } else {
      close();
      if (!line.startsWith(TOOL)) answer.push(line);
    }
  }
  close();
  const said = answer.join('\n').trim();
  return { prompts, said: said === '' ? null : said };
}

/** Commands to Aider itself; those that carry a question to the model are questions. */
function isCommand(text: string): boolean {
  return text.startsWith('/') && !/^\/(ask|code|architect|context)\s/.test(text);
}

function lastMatch(lines: readonly string[], pattern: RegExp): string | null {
  const match = lines.map((line) => pattern.exec(line)?.[1]).findLast((found) => found !== undefined);
  return match === undefined ? null : label(match);
}
