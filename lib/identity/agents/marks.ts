import { agentOfAddress, isBotAddress } from './addresses.ts';

/** Who a commit says had a hand in it, and in what words. */
export interface Authors {
  /** `Name <email>` of author and committer. */
  readonly author: string;
  readonly committer: string;
  readonly message: string;
}

/** One sign that an agent made a commit, or had a part in it. */
export interface Signal {
  readonly agent: string;
  /** What was seen: an identity, a trailer, a line of text. `automation` is a bot that is no coding agent. */
  readonly kind: 'author' | 'committer' | 'co-author' | 'trailer' | 'text' | 'note' | 'branch' | 'automation';
  readonly seen: string;
}

/** Trailers and lines that agents and the tools around them leave. Keys differ in case from tool to tool. */
const LINES: readonly (readonly [string, Signal['kind'], RegExp])[] = [
  ['git-agent-log', 'trailer', /^[ \t>*+-]*Agent-Record:[ \t]*sha256:[0-9a-f]{64}/im],
  ['claude-code', 'trailer', /^[ \t>*+-]*Claude-Session:[ \t]*https:\/\/claude\.ai\//im],
  ['claude-code', 'text', /Generated with \[Claude Code\]/i],
  ['copilot', 'trailer', /^[ \t>*+-]*Agent-Logs-Url:[ \t]*\S+/im],
  ['codex', 'trailer', /^[ \t>*+-]*Generated-by:[ \t]*OpenAI Codex/im],
  ['cursor', 'trailer', /^[ \t>*+-]*Made-with:[ \t]*Cursor/im],
  ['devin', 'trailer', /^[ \t>*+-]*Devin Session:[ \t]*\S+/im],
  ['amp', 'trailer', /^[ \t>*+-]*Amp-Thread-ID:[ \t]*\S+/im],
  // A squash lists the subjects it took in behind bullets.
  ['aider', 'text', /(?:^aider: |\n[ \t]{0,4}[*+-] aider: )/i],
  [
    'entire',
    'trailer',
    /^[ \t>*+-]*Entire-(Checkpoint|Metadata|Session|Condensation|Agent|Attribution|Strategy|Source-Ref)[\w-]*:[ \t]*\S/im,
  ],
  ['gitvow', 'trailer', /^[ \t>*+-]*Gitvow-[A-Z][\w-]*:[ \t]*\S/im],
  ['whogitit', 'trailer', /^[ \t>*+-]*AI-(Session|Model|Lines|Modified):[ \t]*\S/im],
  ['ai-trailers', 'trailer', /^[ \t>*+-]*AI-(Tool|Prompt):[ \t]*\S/im],
  ['replit', 'trailer', /^[ \t>*+-]*Replit-Commit-Author:[ \t]*(Agent|Assistant)/im],
  ['aittributor', 'trailer', /^[ \t>*+-]*Ai-assisted:[ \t]*true/im],
  ['assisted-by', 'trailer', /^[ \t>*+-]*Assisted-by:[ \t]*[\w.-]+:\S+/im],
];

/** Refs with notes of agents' tools. An object with one was made with an agent, or looked at by one of these tools. */
const NOTE_REFS: readonly (readonly [string, RegExp])[] = [
  ['git-agent-log', /^refs\/notes\/agent-log$/],
  ['git-ai', /^refs\/notes\/ai(-remote\/.+)?$/],
  // Beside the sessions lie the rules and outcomes of a whole repository, which are on no commit.
  ['gitvow', /^refs\/notes\/(gitvow\/(?!(rules|outcomes)$).+|sessions)$/],
  ['whogitit', /^refs\/notes\/(whogitit|ai-blame)$/],
  ['memento', /^refs\/notes\/memento-full-audit$/],
  ['agentblame', /^refs\/notes\/agentblame$/],
  ['cnotes', /^refs\/notes\/claude-conversations$/],
  ['commitlore', /^refs\/notes\/commitlore$/],
  ['agent-trace', /^refs\/notes\/agent-trace$/],
];

/** Refs that people use too, and the text that tells a tool's notes from theirs. */
const SHARED_NOTE_REFS: readonly (readonly [string, string, string])[] = [
  ['memento', 'refs/notes/commits', '# Git Memento Session'],
];

/** The tool that keeps notes on a ref, and the text its notes have where the ref is not its own; null for nobody's. */
export function toolOfNotes(ref: string): { readonly agent: string; readonly only: string | null } | null {
  const own = NOTE_REFS.find(([, pattern]) => pattern.test(ref));
  if (own !== undefined) return { agent: own[0], only: null };
  const shared = SHARED_NOTE_REFS.find(([, name]) => name === ref);
  return shared === undefined ? null : { agent: shared[0], only: shared[2] };
}

/** Agents name the branches they make; so do people who follow them, so a branch alone proves nothing. */
const BRANCH = /(?:^|\/)(codex|claude|copilot|cursor|devin|cline|aider|gemini)\//;

/** Everything a commit's own text says of agents. */
export function signalsOf(commit: Authors): Signal[] {
  const signals = [
    ...identitySignals(commit.author, 'author'),
    ...identitySignals(commit.committer, 'committer'),
    ...coAuthors(commit.message),
  ];
  for (const [agent, kind, pattern] of LINES) {
    const found = pattern.exec(commit.message);
    if (found) signals.push({ agent, kind, seen: found[0].trim().slice(0, 120) });
  }
  return signals.concat(branchSignals(commit.message));
}

/** What a branch's name says, as in `claude/fix-login`. */
export function branchSignal(branch: string): Signal | null {
  const agent = BRANCH.exec(branch)?.[1];
  return agent === undefined ? null : { agent, kind: 'branch', seen: branch.slice(0, 120) };
}

/**
 * `agent` when an identity, a trailer or a note says so; `unknown` when there is a hint that proves nothing (a branch's
 * name, a bot); else `human`, which means no more than that no mark was found.
 */
export function classify(signals: readonly Signal[]): 'agent' | 'human' | 'unknown' {
  if (signals.some(({ kind }) => kind !== 'branch' && kind !== 'automation')) return 'agent';
  return signals.length > 0 ? 'unknown' : 'human';
}

function identitySignals(identity: string, kind: 'author' | 'committer' | 'co-author'): Signal[] {
  const match = /^(.*?)\s*<([^<>]*)>/.exec(identity);
  const [, name = '', email = ''] = match ?? [];
  const agent = agentOfAddress(email);
  if (agent !== null) return [{ agent, kind, seen: identity.slice(0, 120) }];
  if (/ \(aider\)$/i.test(name)) return [{ agent: 'aider', kind, seen: identity.slice(0, 120) }];
  return isBotAddress(email) ? [{ agent: 'bot', kind: 'automation', seen: identity.slice(0, 120) }] : [];
}

function coAuthors(message: string): Signal[] {
  const found = message.matchAll(/^[ \t>*+-]*Co-authored-by:[ \t]*([^\n<]{0,200}<[^<>\n]{1,200}>)/gim);
  return [...found].flatMap((match) => identitySignals(match[1] ?? '', 'co-author'));
}

const MERGE =
  /^(?:[ \t]{0,4}[*+-] )?Merge (?:(?:remote-tracking )?branch '([^'\n]+)'(?: of \S+)?(?: into '?([^'\s]+))?|pull request #\d+ from [^\s/]+\/(\S+))/gm;

/** A merge's subject keeps the name of the branch that came in, or that it came into; a squash lists such subjects. */
function branchSignals(message: string): Signal[] {
  if (!message.includes('Merge ')) return [];
  const signals = new Map<string, Signal>();
  for (const [, from = '', into = '', pulled = ''] of message.matchAll(MERGE))
    for (const name of [from, into, pulled]) {
      const signal = branchSignal(name);
      if (signal !== null && signals.size < MOST_BRANCHES) signals.set(signal.seen, signal);
    }
  return [...signals.values()];
}

const MOST_BRANCHES = 10;
