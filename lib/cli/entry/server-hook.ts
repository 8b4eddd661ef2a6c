import { AgentLogError, messageOf } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';
import { openObjectReader } from '../../git/objects/catfile.ts';
import { findRepository } from '../../git/repository/repository.ts';
import { judgePush, type Refusal } from '../../policy/receive/judge-push.ts';
import { type PushedRef, parsePushed, readServerSettings } from '../../policy/receive/pushed.ts';
import type { Ended } from '../start.ts';
import { judgeRange } from './server-judge.ts';

/** Refs of one push; a line has some hundred letters. */
const MAX_INPUT = 64 * 1024 * 1024;

/**
 * `hook pre-receive` and `hook update` of a server. Unlike the hooks of a clone they keep out what they can't judge: a problem of
 * ours refuses the push as well.
 */
export async function serverHook(name: 'pre-receive' | 'update', args: readonly string[]): Promise<Ended> {
  try {
    const pushed = name === 'update' ? [updated(args)] : parsePushed(await input());
    const refusals = await judged(pushed);
    for (const refusal of refusals) say(refusal);
    return { code: refusals.length === 0 ? 0 : 1, did: `hook-${name}` };
  } catch (error) {
    const hints = error instanceof AgentLogError ? error.hints : [];
    tell([
      `error: the push could not be judged: ${messageOf(error)}`,
      ...hints.map((hint) => `hint: ${hint}`),
    ]);
    return { code: 1, did: null };
  }
}

/** git may have put what is pushed into quarantine: its variables lead there, so none of them is dropped. */
async function judged(pushed: readonly PushedRef[]): Promise<readonly Refusal[]> {
  const place = { cwd: process.cwd() };
  const [repo, settings] = await Promise.all([findRepository(place), readServerSettings(place)]);
  const reader = openObjectReader(repo);
  try {
    return await judgePush(repo, reader, pushed, settings, judgeRange);
  } finally {
    reader.close();
  }
}

function updated([ref = '', from = '', to = '']: readonly string[]): PushedRef {
  const { length, [0]: pushed } = parsePushed(`${from} ${to} ${ref}`);
  if (pushed !== undefined && length === 1) return pushed;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', 'an update hook is called with a ref and two ids', {
    hints: ['git calls it; see docs/server.md'],
  });
}

async function input(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_INPUT)
      throw new AgentLogError('BAD_ARGUMENT', 'usage', 'too many refs in one push', {
        hints: ['push some of them at a time'],
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function say({ ref, why, hint }: Refusal): void {
  tell([`error: git-agent-log refuses ${ref}`, ...why.map((line) => `  ${line}`), `hint: ${hint}`]);
}

function tell(lines: readonly string[]): void {
  process.stderr.write(`${lines.map((line) => escapeTerminal(line)).join('\n')}\n`);
}
