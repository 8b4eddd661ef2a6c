import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClientPackage, exists } from './install.ts';
import { type ClientResult, type ClientRun, runClient } from './run.ts';

export const OPENCODE: ClientPackage = {
  name: 'opencode',
  package: 'opencode-ai',
  version: '1.18.33',
  locate: locateBinary,
};

export const OPENCODE_MODEL = 'scripted-model-1';

export interface OpencodeRun extends Omit<ClientRun, 'args' | 'env'> {
  prompt: string;
  /** Which tools it offers goes by the model's name. */
  model?: string;
  extraEnv?: Readonly<Record<string, string>>;
  extraArgs?: readonly string[];
}

/** One headless run; `events` are the lines of `--format json`. */
export async function runOpencode(options: OpencodeRun): Promise<ClientResult> {
  const { prompt, model = OPENCODE_MODEL, extraEnv, extraArgs, ...run } = options;
  await prepareHome(options.home, options.modelUrl, model);
  const flags = ['--format', 'json', '--model', `scripted/${model}`];
  return runClient({
    ...run,
    args: ['run', ...flags, ...(extraArgs ?? []), prompt],
    env: {
      XDG_CONFIG_HOME: join(options.home, '.config'),
      XDG_DATA_HOME: join(options.home, '.local', 'share'),
      XDG_CACHE_HOME: join(options.home, '.cache'),
      XDG_STATE_HOME: join(options.home, '.local', 'state'),
      TMPDIR: join(options.home, 'tmp'),
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      ...extraEnv,
    },
  });
}

/** A provider on loopback, and an npm that gives up at once: offline it would try for over a minute. */
async function prepareHome(home: string, modelUrl: string, model: string): Promise<void> {
  const folder = join(home, '.config', 'opencode');
  await mkdir(folder, { recursive: true });
  await writeFile(join(home, '.npmrc'), 'fetch-retries=0\n');
  const provider = {
    scripted: {
      npm: '@ai-sdk/openai-compatible',
      options: { baseURL: `${modelUrl}/v1`, apiKey: 'dummy-key-for-tests' },
      models: { [model]: { tool_call: true } },
    },
  };
  await writeFile(
    join(folder, 'opencode.json'),
    JSON.stringify({ provider, share: 'disabled', autoupdate: false, permission: 'allow' }),
  );
}

/** npm picks the platform package by os, cpu and libc; of two builds the one without `baseline` needs a newer processor. */
async function locateBinary(prefix: string): Promise<string | null> {
  const folder = join(prefix, 'node_modules');
  const names = (await readdir(folder)).filter((name) => /^opencode-(linux|darwin|windows)-/.test(name));
  for (const name of names.sort((a, b) => b.length - a.length)) {
    const bin = join(folder, name, 'bin', process.platform === 'win32' ? 'opencode.exe' : 'opencode');
    if (await exists(bin)) return bin;
  }
  return null;
}
