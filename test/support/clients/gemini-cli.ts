import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ClientPackage } from './install.ts';
import { type ClientResult, type ClientRun, runClient } from './run.ts';

export const GEMINI_CLI: ClientPackage = {
  name: 'gemini-cli',
  package: '@google/gemini-cli',
  version: '0.61.0',
  locate: (prefix) =>
    Promise.resolve(join(prefix, 'node_modules', '@google', 'gemini-cli', 'bundle', 'gemini.js')),
};

export const GEMINI_MODEL = 'gemini-2.5-pro';

export interface GeminiRun extends Omit<ClientRun, 'args' | 'env'> {
  prompt: string;
  /** False: the client was never told that this folder may be trusted. Default true. */
  trusted?: boolean;
  extraEnv?: Readonly<Record<string, string>>;
  extraArgs?: readonly string[];
}

/** One headless session; `events` are the lines of `--output-format stream-json`. */
export async function runGemini(options: GeminiRun): Promise<ClientResult> {
  const { prompt, trusted = true, bin, extraEnv, extraArgs, ...run } = options;
  await turnTelemetryOff(options.home);
  const flags = ['--output-format', 'stream-json', '--approval-mode', 'yolo', '--model', GEMINI_MODEL];
  return runClient({
    ...run,
    bin: process.execPath,
    args: [bin, '-p', prompt, ...flags, ...(extraArgs ?? [])],
    env: {
      TMPDIR: join(options.home, 'tmp'),
      GEMINI_API_KEY: 'dummy-key-for-tests',
      GOOGLE_GEMINI_BASE_URL: options.modelUrl,
      ...(trusted ? { GEMINI_CLI_TRUST_WORKSPACE: 'true' } : {}),
      ...extraEnv,
    },
  });
}

/** Adds to what is there: a test may have put hooks into it. */
async function turnTelemetryOff(home: string): Promise<void> {
  const path = join(home, '.gemini', 'settings.json');
  await mkdir(dirname(path), { recursive: true });
  const before = JSON.parse(await readFile(path, 'utf8').catch(() => '{}')) as object;
  const settings = {
    ...before,
    // With a base URL in the environment it would choose a gateway, which has no such method here.
    security: { auth: { selectedType: 'gemini-api-key' } },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
  };
  await writeFile(path, JSON.stringify(settings));
}
