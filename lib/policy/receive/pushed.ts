import { AgentLogError } from '../../core/errors.ts';
import { type GitPlace, runGit } from '../../git/process/runner.ts';

/** One ref that somebody wants to move; null where it is not there yet, or shall not be there any more. */
export interface PushedRef {
  readonly from: string | null;
  readonly to: string | null;
  readonly ref: string;
}

/** What a pre-receive hook reads: `<old> <new> <ref>`, a line each. */
export function parsePushed(text: string): PushedRef[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    const [, from = '', to = '', ref = ''] = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (.+)$/s.exec(line) ?? [];
    if (ref === '') throw notPushed(line);
    return [{ from: id(from), to: id(to), ref }];
  });
}

function id(oid: string): string | null {
  return /^0+$/.test(oid) ? null : oid;
}

function notPushed(line: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', `no line of a push: ${line.slice(0, 200)}`, {
    hints: ['git calls this as a pre-receive or update hook; see docs/server.md'],
  });
}

const STAGES = ['commit', 'mr', 'pipeline', 'merge', 'deploy'] as const;
export type Stage = (typeof STAGES)[number];

/** What the server's own configuration asks for. */
export interface ServerSettings {
  /** The stage pushes to protected branches are judged at; null: they are not. */
  readonly enforce: Stage | null;
  /** Ref names that are protected; `*` stands for any letters. */
  readonly protected: readonly string[];
}

/** Read from the files of the server's configuration alone: nothing a client can put into the environment counts. */
export async function readServerSettings(place: GitPlace): Promise<ServerSettings> {
  const { stdout } = await runGit(place, {
    args: ['config', '-z', '--get-regexp', '^agentlog\\.(enforce|protected)$'],
    okCodes: [1],
    env: { GIT_CONFIG_PARAMETERS: undefined, GIT_CONFIG_COUNT: undefined },
  });
  const entries = stdout.toString('utf8').split('\0').filter(Boolean).map(entry);
  const of = (key: string): string[] => entries.filter(([name]) => name === key).map(([, value]) => value);
  const protecting = of('agentlog.protected');
  return {
    enforce: stage(of('agentlog.enforce').at(-1) ?? ''),
    protected: protecting.length > 0 ? protecting : ['refs/heads/main'],
  };
}

function entry(text: string): readonly [string, string] {
  const end = text.indexOf('\n');
  return end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 1).trim()];
}

function stage(value: string): Stage | null {
  if (/^(|false|no|off|never)$/i.test(value)) return null;
  const known = STAGES.find((one) => one === value);
  if (known !== undefined) return known;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `agentLog.enforce is '${value}', which is no stage`, {
    hints: [`the stages are ${STAGES.join(', ')}; the one for pushes to a branch is merge`],
  });
}

/** What names have in common that some disk takes for one: capitals, ways to write an accent, letters nobody sees. */
export function foldedRef(ref: string): string {
  const seen = ref.replaceAll(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '');
  return seen.normalize('NFD').toUpperCase().toLowerCase();
}

/** Whether a ref is meant by a name with stars. No regular expression: a name of many stars would take one for ever. */
export function matchesRef(pattern: string, ref: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return ref === pattern;
  const last = rest.pop() ?? '';
  if (!ref.startsWith(first) || !ref.endsWith(last) || ref.length < first.length + last.length) return false;
  const end = ref.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = ref.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
