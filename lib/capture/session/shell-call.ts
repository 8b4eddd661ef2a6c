import type { Snapshot } from './snapshot.ts';

/** What one look at a worktree told of where it stands. */
export interface Stand {
  /** Null on a branch without commits. */
  readonly head: string | null;
  readonly branch: string | null;
}

/** A shell call with a look at the worktree before and after it: between the two, HEAD was the agent's to move. */
export interface ShellCall {
  readonly id: string;
  /** The sub-agent that made it. */
  readonly agentId?: string;
  /** Top of the worktree that was looked at. */
  readonly top: string;
  readonly before: Stand;
  /** Null while the call runs, and when nobody saw its end. */
  readonly after: Stand | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly promptSeq: number;
  /** What differed from HEAD when it started; kept only where HEAD moved. */
  readonly files: ReadonlyMap<string, string | null> | null;
}

const MAX_KEPT = 100;

/** The call as its start told; null when nobody looked. */
export function startedCall(
  call: { readonly id: string; readonly agentId?: string },
  at: number,
  look: Snapshot | undefined,
  promptSeq: number,
): ShellCall | null {
  if (look === undefined || look.top === null) return null;
  return {
    ...call,
    top: look.top,
    before: standOf(look),
    after: null,
    startedAt: at,
    endedAt: null,
    promptSeq,
    files: look.files,
  };
}

/** The calls with the end of one of them noted; the oldest are dropped. */
export function withEnd(
  calls: readonly ShellCall[],
  id: string,
  at: number,
  look: Snapshot | undefined,
): ShellCall[] {
  return calls.map((call) => {
    if (call.id !== id || call.after !== null) return call;
    const after = look === undefined || look.top !== call.top ? null : standOf(look);
    const moved = after === null || after.head !== call.before.head;
    return { ...call, after, endedAt: at, files: moved ? call.files : null };
  });
}

export function withStart(calls: readonly ShellCall[], started: ShellCall | null): ShellCall[] {
  if (started === null) return [...calls];
  return [...calls.filter(({ id }) => id !== started.id), started].slice(-MAX_KEPT);
}

/**
 * The calls after the agent (or, with `everyone`, its sub-agents too) came to rest: one whose end nobody saw is over, and
 * what it did is not known.
 */
export function withRest(calls: readonly ShellCall[], at: number, everyone: boolean): ShellCall[] {
  return calls.map((call) =>
    call.endedAt === null && (everyone || call.agentId === undefined) ? { ...call, endedAt: at } : call,
  );
}

function standOf({ head, branch }: Snapshot): Stand {
  return { head, branch };
}
