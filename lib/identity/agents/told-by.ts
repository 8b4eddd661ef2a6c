import type { Signal } from './marks.ts';

/** The agent and the model a commit itself names. Null where it does not. */
export interface ToldAgent {
  readonly agent: string | null;
  readonly model: string | null;
}

/** Tools that record agents: their marks say that one was there, not which. */
const RECORDERS: ReadonlySet<string> = new Set([
  'git-agent-log',
  'git-ai',
  'entire',
  'gitvow',
  'whogitit',
  'memento',
  'agentblame',
  'cnotes',
  'commitlore',
  'agent-trace',
  'ai-trailers',
  'aittributor',
  'assisted-by',
  'bot',
]);

/** Who made a commit says more than who is thanked in it, and that more than a word of its text. */
const FIRMEST: readonly Signal['kind'][] = ['author', 'committer', 'co-author', 'trailer', 'text'];

/** Reads agent and model off a commit: the kernel's `Assisted-by: AGENT:MODEL`, else its marks, firmest first. */
export function toldBy(message: string, signals: readonly Signal[]): ToldAgent {
  const assisted = /^[ \t>*+-]*Assisted-by:[ \t]*([\w.-]{1,100}):([^\s[\]]{1,100})/im.exec(message);
  const named = FIRMEST.flatMap((kind) =>
    signals.filter((signal) => signal.kind === kind && !RECORDERS.has(signal.agent)),
  );
  const agent = assisted?.[1] ?? named[0]?.agent ?? null;
  return { agent, model: assisted?.[2] ?? aiderModel(named) };
}

/** `aider (gpt-4o) <aider@aider.chat>` is the one identity that names its model as such. */
function aiderModel(signals: readonly Signal[]): string | null {
  const { seen = '' } = signals.find(({ agent }) => agent === 'aider') ?? {};
  return /^aider \(([^()<>]{1,100})\) </i.exec(seen)?.[1] ?? null;
}
