import { quotePath, unquotePath } from '../../../dist/git/diffs/quote-path.js';
import { parseLog } from '../../../dist/git/history/log-stream.js';
import { BatchOutput } from '../../../dist/git/objects/batch-output.js';
import { parseCommit, parseTree } from '../../../dist/git/objects/objects.js';
import { parseConfig } from '../../../dist/git/repository/config.js';
import { parseRawDiff } from '../../../dist/git/repository/index-diff.js';
import { expectCleanPrototype, holds, texts } from './tools.mjs';

const OID = '1'.repeat(40);
const WORD = '\u0001word';
const commit = (...paths) =>
  `${WORD}\0${OID}\0${OID} ${OID}\0Jane Doe <jane@example.com>\0Jane Doe <jane@example.com>\x001700000000\0Subject\n\nBody\n\0${['\n', ...paths].join('\0')}\0`;

/** The same bytes in pieces of some size: where a piece ends must not matter. */
function piecesOf(bytes, size) {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

async function* streamOf(pieces) {
  yield* pieces;
}

export const gitTargets = [
  {
    name: 'git:batch-output',
    seeds: async () =>
      texts(
        `${OID} blob 6\nhello\n\n${OID} missing\n${OID} commit 0\n\n`,
        'HEAD missing\n',
        `${'2'.repeat(64)} tree 3\nabc\n`,
        `${OID} blob 99999999999999999999\n`,
      ),
    run(bytes) {
      const read = (size) => {
        const output = new BatchOutput();
        const answers = [];
        const isInfo = () => bytes[answers.length % bytes.length] % 2 === 1;
        for (const piece of piecesOf(bytes, size))
          for (const answer of output.take(Buffer.from(piece), isInfo)) answers.push(answer);
        return answers;
      };
      const whole = read(Math.max(1, bytes.length));
      const split = read(1 + (bytes.length % 7) + Math.floor(bytes.length / 500));
      holds(JSON.stringify(whole) === JSON.stringify(split), 'answers do not depend on how they come');
    },
  },
  {
    name: 'git:log-stream',
    seeds: async () => texts(commit('a.txt', 'b\nc'), commit() + commit('x'), 'no commit', `\n${WORD}\0`),
    async run(bytes) {
      const read = async (size) => {
        const all = [];
        for await (const one of parseLog(streamOf(piecesOf(bytes, size)), WORD)) all.push(one);
        return all;
      };
      const whole = await read(Math.max(1, bytes.length));
      const split = await read(1 + (bytes.length % 5) + Math.floor(bytes.length / 200));
      holds(JSON.stringify(whole) === JSON.stringify(split), 'commits do not depend on how they come');
    },
  },
  {
    name: 'git:quoted-path',
    seeds: async () => texts('"\\303\\244 \\"x\\" \\\\"', 'plain', '"a\\tb"', '"\\', '"\\9"'),
    run(bytes) {
      const text = bytes.toString('utf8');
      unquotePath(text);
      if (!text.includes('\ufffd') && !text.includes('\0') && !text.startsWith('"'))
        holds(unquotePath(quotePath(text)) === text, 'a path is quoted and unquoted');
    },
  },
  {
    name: 'git:config',
    seeds: async () =>
      texts(
        'user.name\nJane Doe\0core.bare\0remote.origin.fetch\n+refs/*:refs/*\0',
        '__proto__.x\ny\0',
        '\0\0',
      ),
    run(bytes) {
      for (const [key, value] of parseConfig(bytes.toString('utf8')))
        holds(typeof key === 'string' && typeof value === 'string', 'a setting is a text');
      expectCleanPrototype();
    },
  },
  {
    name: 'git:objects',
    seeds: async () => [
      Buffer.from(
        `tree ${OID}\nparent ${OID}\nauthor Jane Doe <jane@example.com> 1700000000 +0000\ncommitter Jane Doe <jane@example.com> 1700000000 +0000\ngpgsig x\n y\n\nSubject\n`,
      ),
      Buffer.concat([
        Buffer.from('100644 a.txt\0'),
        Buffer.alloc(20, 1),
        Buffer.from('40000 d\0'),
        Buffer.alloc(20, 2),
      ]),
    ],
    run(bytes) {
      parseCommit(OID, bytes);
      for (const size of [20, 32])
        for (const entry of parseTree(bytes, size)) holds(typeof entry === 'object', 'an entry is one');
    },
  },
  {
    name: 'git:raw-diff',
    seeds: async () =>
      texts(
        `:100644 100644 ${OID} ${OID} M\0a.txt\0:000000 100644 ${'0'.repeat(40)} ${OID} A\0b\0`,
        `:100644 000000 ${OID} ${'0'.repeat(40)} D\0x\0`,
      ),
    run(bytes) {
      for (const { path } of parseRawDiff(bytes)) holds(typeof path === 'string', 'a path is a text');
    },
  },
];
