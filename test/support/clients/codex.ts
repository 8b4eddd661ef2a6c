import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type ClientPackage, exists } from './install.ts';
import { type ClientResult, type ClientRun, runClient } from './run.ts';

export const CODEX: ClientPackage = {
  name: 'codex',
  package: '@openai/codex',
  version: '0.169.0',
  locate: locateBinary,
};

export interface CodexRun extends Omit<ClientRun, 'args' | 'env'> {
  prompt: string;
  /** Known names decide the tools: `gpt-5.5` has apply_patch, `gpt-6.1-sol` runs JavaScript, others have neither. */
  model: string;
  /** Default: none, so that the agent may commit. */
  sandbox?: 'workspace-write';
  /** Run hooks nobody has trusted. Default true. */
  bypassHookTrust?: boolean;
  /** `resume --last`, `fork <id>`. */
  subcommand?: readonly string[];
  extraArgs?: readonly string[];
  /** TOML that is added to the home's configuration. */
  extraConfig?: string;
}

/** One headless session; `events` are the lines of `codex exec --json`. */
export async function runCodex(options: CodexRun): Promise<ClientResult> {
  const {
    prompt: _prompt,
    model: _model,
    sandbox: _sandbox,
    bypassHookTrust: _bypass,
    subcommand: _subcommand,
    extraArgs: _args,
    extraConfig,
    ...run
  } = options;
  const home = join(options.home, '.codex');
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'config.toml'), configuration(options, extraConfig ?? ''));
  const env = { CODEX_TEST_KEY: 'dummy-key-for-tests', ...(await sandboxPath(options)) };
  return runClient({ ...run, args: codexArguments(options), env });
}

/**
 * Its own sandbox is the one that is tested: where bubblewrap is on the path it takes that, which can write nothing inside of
 * the namespace a test puts it in.
 */
async function sandboxPath({ sandbox, home }: CodexRun): Promise<{ PATH?: string }> {
  if (sandbox === undefined) return {};
  const folder = join(home, 'path');
  await mkdir(folder, { recursive: true });
  for (const from of (process.env['PATH'] ?? '').split(delimiter))
    for (const name of await readdir(from).catch(() => []))
      if (name !== 'bwrap') await symlink(join(from, name), join(folder, name)).catch(() => undefined);
  return { PATH: folder };
}

function codexArguments(options: CodexRun): string[] {
  const { sandbox, subcommand = [], extraArgs = [] } = options;
  return [
    'exec',
    '--json',
    ...(sandbox === undefined ? ['--dangerously-bypass-approvals-and-sandbox'] : ['--sandbox', sandbox]),
    ...(options.bypassHookTrust === false ? [] : ['--dangerously-bypass-hook-trust']),
    ...extraArgs,
    ...subcommand,
    options.prompt,
  ];
}

function configuration({ model, modelUrl, cwd }: CodexRun, extra: string): string {
  return `model = ${JSON.stringify(model)}
model_provider = "scripted"
check_for_update_on_startup = false

[model_providers.scripted]
name = "scripted"
base_url = ${JSON.stringify(`${modelUrl}/v1`)}
wire_api = "responses"
env_key = "CODEX_TEST_KEY"
request_max_retries = 1

[analytics]
enabled = false

[projects.${JSON.stringify(cwd)}]
trust_level = "trusted"
${extra}`;
}

/** npm picks the platform package by os and cpu; the triple in its path says which. */
async function locateBinary(prefix: string): Promise<string | null> {
  const scope = join(prefix, 'node_modules', '@openai');
  for (const name of await readdir(scope)) {
    const vendor = join(scope, name, 'vendor');
    for (const triple of await readdir(vendor).catch(() => [])) {
      const bin = join(vendor, triple, 'bin', process.platform === 'win32' ? 'codex.exe' : 'codex');
      if (await exists(bin)) return bin;
    }
  }
  return null;
}
