import type { Ended } from '../containment/run-limited.ts';

/** What was recorded of how a command ended. */
export interface Recorded {
  readonly status: 'ok' | 'error' | 'running' | 'unknown';
  /** Its result as it was recorded; null where that is not kept. */
  readonly result: string | null;
}

/** Whether what a command did is what is recorded; `unknown`: not enough is recorded to tell. */
export type Match = 'same' | 'differs' | 'unknown';

const REDACTED = /\[redacted:[\w-]+\]/;
/** Ids of commits, in git's words about one it made: they hold when and by whom. */
const COMMIT_IDS = /(?<=^\[[^\]\n]{1,200} )[0-9a-f]{7,64}(?=\])/gm;

/** Compares a command's end with what is recorded of it. */
export function matchResult({ status, result }: Recorded, ended: Ended): Match {
  if (ended.how !== 'exit' || ended.isCut) return 'differs';
  if (status === 'ok' && ended.code !== 0) return 'differs';
  if (status === 'error' && ended.code === 0) return 'differs';
  if (result === null || REDACTED.test(result)) return 'unknown';
  const said = saidIn(result);
  if (said === null) return contains(result, ended) ? 'same' : 'unknown';
  const separate = same(said.stdout, ended.stdout) && same(said.stderr, ended.stderr);
  const together = said.stderr === '' && isMixOf(said.stdout, ended);
  return separate || together ? 'same' : 'differs';
}

/** What a result tells apart, as Claude Code has it. */
function saidIn(result: string): { readonly stdout: string; readonly stderr: string } | null {
  try {
    const value = JSON.parse(result) as Record<string, unknown> | null;
    const [stdout, stderr] = [value?.['stdout'], value?.['stderr'] ?? ''];
    return typeof stdout === 'string' && typeof stderr === 'string' ? { stdout, stderr } : null;
  } catch {
    return null;
  }
}

/** The result of others is a text with what was printed in it. */
function contains(result: string, { stdout, stderr }: Ended): boolean {
  const text = plain(result);
  return [stdout, stderr].every((one) => text.includes(plain(one)));
}

function same(recorded: string, printed: string): boolean {
  return plain(recorded) === plain(printed);
}

/** Both outputs in one, in whatever order the lines came. */
function isMixOf(recorded: string, { stdout, stderr }: Ended): boolean {
  const lines = (text: string): string => plain(text).split('\n').filter(Boolean).sort().join('\n');
  return lines(recorded) === lines(`${plain(stdout)}\n${plain(stderr)}`);
}

function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(COMMIT_IDS, '*').trim();
}
