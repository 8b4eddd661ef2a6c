import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { copilotCli } from './copilot-cli.ts';
import type { AgentAdapter, EventOrigin } from './events.ts';
import type { Payload } from './payload.ts';

/** Every agent whose hooks are understood. Claude Code comes last: others send payloads in its shape. */
export const ADAPTERS: readonly AgentAdapter[] = [codex, copilotCli, claudeCode];

export function adapterFor(payload: Payload, sent: EventOrigin): AgentAdapter | null {
  return ADAPTERS.find((adapter) => adapter.recognises(payload, sent)) ?? null;
}

export function adapterNamed(name: string): AgentAdapter | null {
  return ADAPTERS.find((adapter) => adapter.name === name) ?? null;
}
