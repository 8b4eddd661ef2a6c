import { aider } from './aider.ts';
import { amp } from './amp.ts';
import { claudeCode } from './claude-code.ts';
import { cursor } from './cursor.ts';
import { devin } from './devin.ts';
import type { AgentAdapter, EventOrigin } from './events.ts';
import type { Payload } from './payload.ts';
import { windsurf } from './windsurf.ts';

/** Every agent that is understood. Where two could take the same payload, the more particular one comes first. */
export const ADAPTERS: readonly AgentAdapter[] = [cursor, windsurf, amp, devin, aider, claudeCode];

export function adapterFor(payload: Payload, sent: EventOrigin): AgentAdapter | null {
  return ADAPTERS.find((adapter) => adapter.recognises(payload, sent)) ?? null;
}

export function adapterNamed(name: string): AgentAdapter | null {
  return ADAPTERS.find((adapter) => adapter.name === name) ?? null;
}
