import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClientPackage, exists } from './install.ts';
import { type ClientCommand, type ClientResult, type ClientRun, clientCommand, runClient } from './run.ts';

export const CLAUDE_CODE: ClientPackage = {
  name: 'claude-code',
  package: '@anthropic-ai/claude-code',
  version: '2.1.330',
  locate: locateBinary,
};

export interface ClaudeRun extends Omit<ClientRun, 'args' | 'env'> {
  prompt: string;
  model: string;
  /** Tools that run without being asked about; the default is what a coding session needs. */
  allowedTools?: readonly string[];
  extraEnv?: Readonly<Record<string, string>>;
  extraArgs?: readonly string[];
}

/** One headless session; `events` are the lines of `--output-format stream-json`. */
export function runClaude(options: ClaudeRun): Promise<ClientResult> {
  const {
    prompt: _prompt,
    model: _model,
    allowedTools: _tools,
    extraEnv,
    extraArgs: _args,
    ...run
  } = options;
  const env = { ...claudeEnvironment(options), ...extraEnv };
  return runClient({ ...run, args: ['-p', options.prompt, ...claudeFlags(options)], env });
}

/** What starts one that reads its prompt from standard input. */
export function claudeCommand(
  options: Pick<ClaudeRun, 'bin' | 'home' | 'modelUrl' | 'model'>,
): Promise<ClientCommand> {
  return clientCommand({ ...options, args: ['-p', ...claudeFlags({})], env: claudeEnvironment(options) });
}

function claudeEnvironment({
  home,
  modelUrl,
  model,
}: Pick<ClaudeRun, 'home' | 'modelUrl' | 'model'>): Record<string, string> {
  return {
    CLAUDE_CODE_TMPDIR: join(home, 'tmp'),
    ANTHROPIC_API_KEY: 'dummy-key-for-tests',
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_MODEL: model,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
  };
}

function claudeFlags({
  allowedTools,
  extraArgs = [],
}: Pick<ClaudeRun, 'allowedTools' | 'extraArgs'>): string[] {
  const tools = allowedTools ?? ['Bash', 'Read', 'Write', 'Edit'];
  return ['--output-format', 'stream-json', '--verbose', '--allowedTools', tools.join(','), ...extraArgs];
}

/** npm picks the platform package by os, cpu and libc, so the one that is there is the right one. */
async function locateBinary(prefix: string): Promise<string | null> {
  const scope = join(prefix, 'node_modules', '@anthropic-ai');
  for (const name of await readdir(scope)) {
    const bin = join(scope, name, process.platform === 'win32' ? 'claude.exe' : 'claude');
    if (name.startsWith('claude-code-') && (await exists(bin))) return bin;
  }
  return null;
}
