import type { ToolCall } from '../../core/generated/execution-v1.types.ts';
import type { ExecutionRecord } from '../../core/records/record.ts';
import type { Level } from '../../ledger/payloads/level.ts';
import { sessionKey } from '../place.ts';

/** Folders, by name, in which the texts of a record may lie: of its sessions, and of its transaction. */
export function textFolders({ agent, contributors = [], txn }: ExecutionRecord): string[] {
  const sessions = [agent, ...contributors].flatMap(({ name, sessionId }) =>
    sessionId === null ? [] : [sessionKey(name, sessionId)],
  );
  return [...new Set([...sessions, `txn-${txn}`])];
}

/** Digests of a record's texts, by the level at which they are first kept; the most telling ones first. */
export type LeveledDigests = Readonly<Record<Exclude<Level, 'digests'>, readonly string[]>>;

/** What was asked, and what the agent said of it, is for `task`; what went into tools and came out is for `full`. */
export function leveledDigests(record: ExecutionRecord): LeveledDigests {
  const { task, prompts, reason, contributors = [], toolCalls, context } = record;
  return {
    task: given([
      task?.digest,
      ...prompts.map(({ digest }) => digest),
      reason?.digest,
      ...contributors.map((other) => other.task?.digest),
    ]),
    full: given([...context.map(({ uriText }) => uriText?.digest), ...callDigests(toolCalls)]),
  };
}

/** What went into tools, and what came out. */
export function callDigests(calls: readonly Pick<ToolCall, 'args' | 'result'>[]): string[] {
  return given(calls.flatMap(({ args, result }) => [args?.digest, result?.digest]));
}

/** Those a level keeps. */
export function atMost({ task, full }: LeveledDigests, level: Level): LeveledDigests {
  return { task: level === 'digests' ? [] : task, full: level === 'full' ? full : [] };
}

/** The digests that are kept at a level. */
export function digestsAt({ task, full }: LeveledDigests, level: Level): string[] {
  const kept = atMost({ task, full }, level);
  return [...new Set([...kept.task, ...kept.full])];
}

function given(digests: readonly (string | undefined)[]): string[] {
  return [...new Set(digests.filter((digest) => digest !== undefined))];
}
