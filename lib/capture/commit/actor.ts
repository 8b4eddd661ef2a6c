import type { DetectedAgent } from '../agents/detect.ts';
import { adapterNamed } from '../agents/index.ts';
import type { Place } from '../place.ts';
import type { SessionState } from '../session/session.ts';
import { type Committer, committerOf } from '../session/subagents.ts';
import type { CommitPlace } from '../transaction/boundary.ts';
import type { TxnState } from '../transaction/transaction.ts';
import type { Evidence } from './attribute.ts';
import type { SealContext } from './context.ts';

/** Who does the work: a detected agent, its session if its hooks told of one, the transaction if one is open. */
export interface Actor {
  readonly agent: DetectedAgent | null;
  readonly session: SessionState | null;
  readonly txn: TxnState | null;
  /** For a session whose hooks report to another clone: where it stands there. */
  readonly stands?: CommitPlace;
  /** The clone they report to. */
  readonly home?: Place;
  /** For a commit found afterwards: what more is known of who wrote its files. */
  readonly late?: {
    readonly evidence: readonly Evidence[];
    readonly gaps: readonly string[];
    /** The worktree it was made in, and the sub-agent whose command made it, where that is known. */
    readonly top: string | null;
    readonly agentId: string | null;
  };
}

/** For a commit found afterwards no command is running any more: its call, if one claimed it, tells who made it. */
export function committerFor(
  { repo }: SealContext,
  { agent, late }: Actor,
  session: SessionState,
): Committer {
  if (late === undefined && agent?.loop !== undefined)
    return { subagent: session.subagents.get(agent.loop) ?? null, unsure: false };
  if (late === undefined) return committerOf(session, repo.top);
  return { subagent: session.subagents.get(late.agentId ?? '') ?? null, unsure: false };
}

export const ALONE: Committer = { subagent: null, unsure: false };

/** False for an agent of which only its own file tells. */
export function hasHooks(agent: string): boolean {
  return adapterNamed(agent)?.provides.prompts !== 'transcript';
}
