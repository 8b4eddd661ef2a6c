import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ClientPackage, exists } from './install.ts';
import { type ClientResult, type ClientRun, runClient } from './run.ts';

export const COPILOT_CLI: ClientPackage = {
  name: 'copilot-cli',
  package: '@github/copilot',
  version: '1.0.102',
  locate: locateBinary,
};

export interface CopilotRun extends Omit<ClientRun, 'args' | 'env'> {
  prompt: string;
  model: string;
  /** Take the folder for trusted, without which the repository's hooks do not run. Default true. */
  trust?: boolean;
  extraArgs?: readonly string[];
  extraEnv?: Readonly<Record<string, string>>;
}

/** One headless session. Its output is for people: the session's id is in the line that says how to resume. */
export function runCopilot(options: CopilotRun): Promise<ClientResult> {
  const { prompt, model, trust, extraArgs = [], extraEnv, ...run } = options;
  return runClient({
    ...run,
    args: [
      '-p',
      prompt,
      '--allow-all-tools',
      '--no-color',
      ...(trust === false ? [] : ['--trust-folder']),
      ...extraArgs,
    ],
    env: {
      COPILOT_OFFLINE: 'true',
      COPILOT_AUTO_UPDATE: 'false',
      COPILOT_PROVIDER_BASE_URL: options.modelUrl,
      COPILOT_MODEL: model,
      // The client unpacks 235 MB into its cache: beside its install, so that it does so once.
      XDG_CACHE_HOME: join(dirname(options.bin), '..', '..', '..', 'unpacked'),
      ...extraEnv,
    },
  });
}

/** The id of a session, from the last words of its client. */
export function sessionIdOf({ stdout, stderr }: ClientResult): string | undefined {
  return /--resume=([\w-]+)/.exec(stdout + stderr)?.[1];
}

async function locateBinary(prefix: string): Promise<string | null> {
  const scope = join(prefix, 'node_modules', '@github');
  for (const name of await readdir(scope)) {
    const bin = join(scope, name, process.platform === 'win32' ? 'copilot.exe' : 'copilot');
    if (name.startsWith('copilot-') && (await exists(bin))) return bin;
  }
  return null;
}
