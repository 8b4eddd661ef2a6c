import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { AgentLogError } from '../../core/errors.ts';
import { endGroup } from '../../git/process/end-group.ts';
import type { DataKey, KeyStore } from '../../ledger/payloads/data-key.ts';
import { commandKeyBytes, wrappedByCommand } from '../../ledger/payloads/wrapped-key.ts';

const SCHEMA = 'agent-log/key-command/v1';
const LIMIT_MS = 20_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** The program and its arguments: words divided by blanks, or a JSON list where one has blanks in it. */
export function commandWords(line: string): string[] {
  const words = line.trimStart().startsWith('[') ? jsonWords(line) : line.split(/\s+/).filter(Boolean);
  if (words.length > 0) return words;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', 'agentLog.keyStore names no program', {
    hints: ['Write command:/path/of/a/program, or command:["/path/of a/program","--argument"].'],
  });
}

/**
 * A program of the user's own that wraps and unwraps keys (a KMS): it is given one JSON document on stdin, and answers with
 * one on stdout. No shell is in between.
 */
export function commandStore(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): KeyStore {
  const ask = (question: object): Promise<Record<string, unknown>> => answerOf(words, env, question);
  return {
    audience: createHash('sha256').update(words.join('\0')).digest('hex'),
    async keep({ txn, id, bytes }) {
      const { wrapped } = await ask({ op: 'wrap', txn, id, key: bytes.toString('base64') });
      if (typeof wrapped !== 'string') throw failed(words, 'its answer has no "wrapped"');
      return commandKeyBytes(txn, id, wrapped);
    },
    has: ({ id }, stored) => Promise.resolve(stored.some((one) => one.by === 'command' && one.id === id)),
    async find(txn, id, stored) {
      const own = stored.find((one) => one.by === 'command' && one.id === id);
      const wrapped = own === undefined ? null : wrappedByCommand(own);
      if (wrapped === null) throw notHere();
      const { key } = await ask({ op: 'unwrap', txn, id, wrapped });
      return dataKey(words, txn, id, key);
    },
    async destroy(txn) {
      await ask({ op: 'destroy', txn });
    },
  };
}

function dataKey(words: readonly string[], txn: string, id: string, key: unknown): DataKey {
  const bytes = Buffer.from(typeof key === 'string' ? key : '', 'base64');
  if (bytes.length !== 32) throw failed(words, 'its answer has no "key" of 32 bytes');
  return { txn, id, bytes };
}

async function answerOf(
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  question: object,
): Promise<Record<string, unknown>> {
  const child = spawn(program, args, {
    env: { ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that whatever it has started ends with it.
    detached: true,
  });
  const words = [program, ...args];
  let [answer, said, size] = ['', '', 0];
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_ANSWER_BYTES) answer += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < 500) said += chunk.toString('utf8');
  });
  // A program that does not read what it is asked says so by how it ends.
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${JSON.stringify({ schema: SCHEMA, ...question })}\n`);
  const code = await exitOf(child, words);
  if (code !== 0) throw failed(words, `it exited with ${code ?? 'a signal'}: ${firstLine(said)}`);
  if (size > MAX_ANSWER_BYTES) throw failed(words, 'its answer is too long');
  return parsedAnswer(words, answer);
}

function exitOf(child: ReturnType<typeof spawn>, words: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      endGroup(child.pid);
      reject(failed(words, `it gave no answer within ${LIMIT_MS / 1000} s`));
    }, LIMIT_MS);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(failed(words, error.message));
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

function parsedAnswer(words: readonly string[], text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, without what it printed: that may be a key.
  }
  throw failed(words, 'its answer is no JSON document');
}

function firstLine(said: string): string {
  return said.trim().split('\n')[0]?.slice(0, 200) || 'it does not say why';
}

function jsonWords(line: string): string[] {
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
  } catch {
    return [];
  }
}

function notHere(): AgentLogError {
  return new AgentLogError('NO_KEY', 'answer', 'the key to this text is not here', {
    hints: ['`git agent-log sync` may bring it. If nobody has it any more, nobody can read the text.'],
  });
}

function failed([program = '']: readonly string[], why: string): AgentLogError {
  return new AgentLogError('KEY_STORE_FAILED', 'system', `the key command failed (${program}): ${why}`, {
    hints: [
      'It is named by `git config agentLog.keyStore`. Nothing is lost: texts wait in this clone until it answers.',
    ],
  });
}
