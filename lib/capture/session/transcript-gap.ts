import { adapterNamed } from '../agents/index.ts';
import type { SessionState } from './session.ts';

/** What only a transcript tells, in the order it is named in. */
const TOLD = ['model', 'usage', 'reason'] as const;
export type OnlyTranscript = (typeof TOLD)[number];

const ALL: readonly (readonly OnlyTranscript[])[] = [
  ['model', 'usage', 'reason'],
  ['usage', 'reason'],
];

/** The gap of an agent that keeps transcripts where there was none of its session at the commit. */
export function transcriptGap(agent: string, unknown: readonly OnlyTranscript[]): string {
  const named = TOLD.filter((one) => unknown.includes(one));
  const last = named.at(-1) ?? '';
  const list = named.length > 1 ? `${named.slice(0, -1).join(', ')} and ${last} are` : `the ${last} is`;
  return `${agent}: no transcript of this session was there at the commit, so ${list} unknown`;
}

/** What no transcript of a session has told so far. */
export function untoldByTranscript({ agent, transcript, model }: SessionState): readonly OnlyTranscript[] {
  if (adapterNamed(agent)?.readTranscript === undefined || (transcript?.offset ?? 0) > 0) return [];
  return model === null ? ['model', 'usage', 'reason'] : ['usage', 'reason'];
}

/** The same as a record's gaps tell it. */
export function untoldInRecord(agent: string, gaps: readonly string[]): readonly OnlyTranscript[] {
  return ALL.find((unknown) => gaps.includes(transcriptGap(agent, unknown))) ?? [];
}
