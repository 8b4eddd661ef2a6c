import type { Sponsor } from '../../core/generated/execution-v1.types.ts';
import { claimsProblem } from '../../identity/ci-identity.ts';
import { type SessionState, wasSeen } from '../session/session.ts';
import type { Committer } from '../session/subagents.ts';
import { transcriptGap, untoldByTranscript } from '../session/transcript-gap.ts';
import { type Actor, hasHooks } from './actor.ts';
import type { SealContext } from './context.ts';
import type { CommitScene } from './scene.ts';

export function gapsOf(
  session: SessionState | null,
  committer: Committer,
  scene: CommitScene,
  actor: Actor,
): string[] {
  const gaps = [...(session?.gaps ?? []), ...(actor.late?.gaps ?? [])];
  if (committer.unsure)
    gaps.push(
      'several commands of this session ran when the commit was made: which of them made it is unknown',
    );
  const untold = session !== null && wasSeen(session) ? untoldByTranscript(session) : [];
  if (session !== null && untold.length > 0) gaps.push(transcriptGap(session.agent, untold));
  if (actor.agent !== null && (session === null || !wasSeen(session)))
    gaps.push(
      `${actor.agent.name}: no hook of this session was seen, so its prompts and tool calls are unknown`,
    );
  if (session !== null && wasSeen(session) && !hasHooks(session.agent))
    gaps.push(`${session.agent}: it has no hooks, so its tool calls are unknown`);
  if (scene.tree === null) gaps.push('the index could not be written as a tree');
  return gaps;
}

/** A sponsor that could not be heard of is no reason to pass it over in silence. */
export function claimsGaps(
  env: SealContext['env'],
  { sponsor }: { readonly sponsor: Sponsor | null },
): string[] {
  const problem = sponsor === null ? claimsProblem(env) : null;
  return problem === null ? [] : [`sponsor: ${problem}`];
}

/** Of what git carries over, the files alone do not tell that they were there before. */
export function replayGaps(replays: string | null): string[] {
  return replays === null ? [] : [`this replays ${replays}: what nobody was seen to write was in it`];
}
