import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { redactTexts } from '../../dist/core/records/redact.js';
import { PII_DEFAULTS } from '../../dist/core/secrets/pii.js';
import { findWithSecretlint } from '../../dist/core/secrets/secretlint.js';
import { interleave, median, row, time } from './measure.mjs';
import { makeFolder, makeRepo, PROGRAM, removeFolder, run } from './place.mjs';

const MB = 1024 * 1024;
const TEXT_BYTES = 20 * 1024;

/** Redacting what an agent may have read in a long session. */
export async function redactLong({ quick }) {
  const bytes = (quick ? 1 : 10) * MB;
  const goal = quick ? null : 3000;
  const rounds = quick ? 3 : 5;
  const code = ourOwnCode(bytes);
  const told = transcript(bytes);
  const timed = async (work) => {
    const begin = performance.now();
    await work();
    return performance.now() - begin;
  };
  const ms = await interleave(
    rounds,
    {
      code: () => timed(() => redactTexts(pieces(code), PII_DEFAULTS)),
      told: () => timed(() => redactTexts(pieces(told), PII_DEFAULTS)),
      whole: () => timed(() => redactTexts([told], PII_DEFAULTS)),
      secretlint: () => timed(() => findWithSecretlint(told)),
    },
    1,
  );
  const floor = { floor: 'secretlint', floorMs: ms.secretlint, unit: 'ms', goal, rounds };
  const size = `${bytes / MB} MB`;
  return [
    row(`redact ${size} of code`, { ...floor, ms: ms.code }),
    row(`redact ${size} of transcripts`, { ...floor, ms: ms.told }),
    row(`redact ${size} in one text`, { ...floor, ms: ms.whole }),
  ];
}

/** `show` of a text that lies sealed in the repository, against the same record without its text; and what a record takes. */
export async function readSealed({ quick }) {
  const rounds = quick ? 15 : 41;
  const root = makeFolder();
  const repo = makeRepo(root, 'repo');
  run('git', ['init', '-q', '-b', 'main', '--bare', join(root, 'remote.git')], { env: repo.env });
  repo.git('remote', 'add', 'origin', join(root, 'remote.git'));
  const ours = (dir, ...args) => run(process.execPath, [PROGRAM, ...args], { cwd: dir, env: repo.env });
  ours(repo.dir, 'init', '--agents', 'none');
  for (let i = 0; i < 20; i++) commitAsAgent(repo, ours, i);
  repo.git('push', '-q', 'origin', 'main');
  ours(repo.dir, 'sync');
  const clones = ['with', 'without'].map((name) => join(root, name));
  for (const dir of clones) run('git', ['clone', '-q', join(root, 'remote.git'), dir], { env: repo.env });
  const [withText = '', without = ''] = clones;
  ours(withText, 'sync', '--fetch');
  run('git', ['fetch', '-q', 'origin', 'refs/notes/agent-log:refs/notes/agent-log'], {
    cwd: without,
    env: repo.env,
  });
  if (!ours(withText, 'show', 'HEAD').includes('Task number 19')) throw new Error('the text is not shown');
  if (ours(without, 'show', 'HEAD').includes('Task number 19'))
    throw new Error('the text is shown without its payload');
  const show = (dir) => time(PROGRAM, ['show', 'HEAD', '--json'], { cwd: dir, env: repo.env });
  const ms = await interleave(rounds, { sealed: () => show(withText), bare: () => show(without) });
  const sizes = repo
    .git('grep', '-h', 'agent-log/execution/v1', 'refs/notes/agent-log')
    .split('\n')
    .map((line) => Buffer.byteLength(line));
  removeFolder(root);
  const size = median(sizes);
  return [
    row('show a text that is sealed', {
      ms: ms.sealed,
      floor: 'no payload',
      floorMs: ms.bare,
      goal: 1.3,
      rounds,
    }),
    row('bytes of a record, median', {
      ms: size,
      floor: 'bytes',
      floorMs: size,
      goal: 2048,
      unit: 'ms',
      rounds: 1,
    }),
  ];
}

function commitAsAgent(repo, ours, i) {
  const script = `echo ${i} > file-${i}.txt; git add -A; git commit -q -m "Work ${i}"`;
  const task = `Task number ${i}: ${'say what is to be done, '.repeat(20)}`;
  ours(repo.dir, 'run', '--task', task, '--agent', 'some-agent', '--', 'sh', '-c', script);
}

function pieces(text) {
  const all = [];
  for (let at = 0; at < text.length; at += TEXT_BYTES) all.push(text.slice(at, at + TEXT_BYTES));
  return all;
}

/** Sources of this project, as often as it takes. */
function ourOwnCode(bytes) {
  const folder = new URL('../../dist/', import.meta.url);
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.js'));
  const text = names.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
  return text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes);
}

/** Calls of tools and their results as lines of JSON, with a secret every 20 KB or so. Put together here: none stands in this file. */
function transcript(bytes) {
  const parts = [];
  let size = 0;
  for (let i = 0; size < bytes; i++) {
    const command = `npm test -- --grep "case ${i}" && git show ${hex(i, 40)}`;
    const output =
      `> test\n> vitest run\n\n ✓ test/case-${i}.test.ts (${i % 17} tests) ${i % 311}ms\n`.repeat(4);
    const leak = i % 30 === 0 ? `\nGITHUB_TOKEN=${['ghp', word(i, 36)].join('_')}\ncard ${card(i)}\n` : '';
    const line = `${JSON.stringify({ id: `toolu_${i}`, name: 'Bash', input: { command }, result: output + leak })}\n`;
    parts.push(line);
    size += line.length;
  }
  return parts.join('').slice(0, bytes);
}

/** Letters drawn by lot, the same for the same number. */
function word(seed, length, letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789') {
  let state = seed * 2654435761 + 1;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    text += letters[(state >>> 16) % letters.length];
  }
  return text;
}

function hex(seed, length) {
  return word(seed, length, '0123456789abcdef');
}

/** A card number whose last digit fits (Luhn). */
function card(seed) {
  const digits = `4${word(seed, 14, '0123456789')}`;
  const sum = [...digits].reverse().reduce((all, digit, at) => {
    const doubled = Number(digit) * (at % 2 === 0 ? 2 : 1);
    return all + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return digits + ((10 - (sum % 10)) % 10);
}
