import { aider } from './aider.ts';
import { amp } from './amp.ts';
import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { copilotCli } from './copilot-cli.ts';
import { cursor } from './cursor.ts';
import { devin } from './devin.ts';
import type { AgentAdapter, EventOrigin } from './events.ts';
import { geminiCli } from './gemini-cli.ts';
import { opencode } from './opencode.ts';
import type { Payload } from './payload.ts';
import { windsurf } from './windsurf.ts';

/** Every agent that is understood, in the order they are asked: a shape nobody shares comes first, Claude Code's last. */
export const ADAPTERS: readonly AgentAdapter[] = [
  opencode,
  cursor,
  windsurf,
  amp,
  devin,
  aider,
  geminiCli,
  codex,
  copilotCli,
  claudeCode,
];

export function adapterFor(payload: Payload, sent: EventOrigin): AgentAdapter | null {
  return ADAPTERS.find((adapter) => adapter.recognises(payload, sent)) ?? null;
}

export function adapterNamed(name: string): AgentAdapter | null {
  return ADAPTERS.find((adapter) => adapter.name === name) ?? null;
}
