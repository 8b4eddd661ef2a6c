import { escapeTerminal } from '../../../dist/core/escape.js';
import { nameTwice, parseStrictJson } from '../../../dist/core/json/strict.js';
import { expandBraces, shapeOfGlob } from '../../../dist/core/paths/glob.js';
import { parsePerson } from '../../../dist/core/person.js';
import { appendLines, parseNote } from '../../../dist/core/records/note.js';
import { encodeRecord, isReadable, parseLine } from '../../../dist/core/records/record.js';
import { claimedTrailers, sealLines, withoutSeal } from '../../../dist/core/records/trailers.js';
import { compileRiskMatcher } from '../../../dist/core/risk/risk.js';
import { isUlid, newUlid, timeOfUlid } from '../../../dist/core/ulid.js';
import { classify, signalsOf } from '../../../dist/identity/agents/marks.js';
import { expectCleanPrototype, fixtureFiles, holds, texts } from './tools.mjs';

const MESSAGES = texts(
  'Subject\n\nBody\n\nAgent-Txn: 01JD2M0Y5V9Z8K7Q3C4N6T1RWE\nAgent-Record: sha256:' +
    'a'.repeat(64) +
    '\nAgent-Sponsor: Jane Doe <jane@example.com>\nAssisted-by: claude-code:m\n',
  'Squash (#1)\n\n* One\n\n  Agent-Record: sha256:' +
    'b'.repeat(64) +
    '\n\nCo-authored-by: Claude <noreply@anthropic.com>\n',
  "Merge branch 'claude/fix' into main\n",
  'aider: fix\n\nEntire-Checkpoint: a1b2c3d4e5f6\nGitvow-Session: s\nAI-Tool: x\nReplit-Commit-Author: Agent\n',
);
const risk = compileRiskMatcher();

/** How many names the objects of a value have. */
function namesIn(value) {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum, one) => sum + namesIn(one), own);
}

export const coreTargets = [
  {
    name: 'core:strict-json',
    seeds: async () =>
      texts('{"a":1,"b":{"a":[{"\\u0061":"\\"x\\":"}]}}', '{"a":1,"\\u0061":2}', '[{"a" : {}},"a:b",[]]'),
    run(bytes) {
      const value = parseStrictJson(bytes, { depth: 50, values: 100_000 });
      if (typeof value === 'string') return holds(value !== '', 'what is refused says why');
      const text = bytes.toString('utf8');
      const colons = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;
      holds(nameTwice(text) === null && colons === namesIn(value), 'no name is lost');
      expectCleanPrototype();
    },
  },
  {
    name: 'core:record-line',
    seeds: async () =>
      (await fixtureFiles('schemas', /\.json$/)).map((file) =>
        Buffer.from(JSON.stringify(JSON.parse(file.toString('utf8')))),
      ),
    run(bytes) {
      const line = bytes.toString('utf8');
      const parsed = parseLine(line);
      if (!isReadable(parsed))
        return holds(typeof parsed.problem === 'string', 'what can not be read says why');
      const stored = encodeRecord(parsed.record);
      holds(isReadable(parseLine(stored.line)), 'what was read can be written and read');
      return expectCleanPrototype();
    },
  },
  {
    name: 'core:note',
    seeds: async () => texts('{"schema":"agent-log/execution/v1"}\n\n  \nx\n', '\n', 'a\na\n'),
    run(bytes) {
      const text = bytes.toString('utf8');
      parseNote(text);
      const once = appendLines(text, ['new line', 'new line']);
      holds(once.startsWith(text), 'what is there stays byte for byte');
      holds(appendLines(once, ['new line']) === once, 'a line is not added twice');
    },
  },
  {
    name: 'core:trailers',
    seeds: async () => MESSAGES,
    run(bytes) {
      const message = bytes.toString('utf8');
      const { records, txns } = claimedTrailers(message);
      holds(
        records.every((record) => /^sha256:[0-9a-f]{64}$/.test(record)) && txns.every(isUlid),
        'a claim has the form of one',
      );
      const rest = withoutSeal(message);
      holds(withoutSeal(rest) === rest || rest.length < message.length, 'a seal is taken off');
      const [name = '', email = ''] = message.split('\n', 2);
      const lines = sealLines({
        txn: 't',
        record: 'r',
        sponsor: { name, email },
        assistedBy: message.slice(0, 100),
      });
      holds(
        lines.every((line) => !/[\r\n\0]/.test(line)),
        'a trailer is one line',
      );
    },
  },
  {
    name: 'core:marks',
    seeds: async () => MESSAGES,
    run(bytes) {
      const message = bytes.toString('utf8');
      const [author = '', committer = ''] = message.split('\n', 2);
      const signals = signalsOf({ author, committer, message });
      holds(['agent', 'human', 'unknown'].includes(classify(signals)), 'a commit is of one kind');
      holds(
        signals.every(({ seen }) => seen.length <= 120),
        'a signal is short',
      );
    },
  },
  {
    name: 'core:ulid',
    seeds: async () =>
      texts('01JD2M0Y5V9Z8K7Q3C4N6T1RWE', newUlid(0), newUlid(2 ** 48 - 1), '8ZZZZZZZZZZZZZZZZZZZZZZZZZ'),
    run(bytes) {
      const text = bytes.toString('latin1');
      if (!isUlid(text)) return;
      const time = timeOfUlid(text);
      holds(Number.isSafeInteger(time) && time >= 0 && time < 2 ** 48, `a time is 48 bits: ${time}`);
      holds(newUlid(time).slice(0, 10) === text.slice(0, 10), 'a time is written as it was read');
    },
  },
  {
    name: 'core:person',
    seeds: async () => texts('Jane Doe <jane@example.com>', ' x <y@z> ', '<a@b>', 'a <b@c> d'),
    run(bytes) {
      const person = parsePerson(bytes.toString('utf8'));
      holds(
        person === null || (!/[<>\n]/.test(person.name + person.email) && person.name !== ''),
        'a person is a name and an address',
      );
    },
  },
  {
    name: 'core:escape',
    seeds: async () =>
      texts('plain', '\u001b]0;title\u0007', '\u009b31m', 'a\nb\tc\r', '\u202e\u2066', '\ud800'),
    run(bytes) {
      const text = bytes.toString('utf8');
      holds(
        !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(escapeTerminal(text)),
        'nothing moves the cursor',
      );
      holds(
        !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(escapeTerminal(text, true)),
        'nothing but lines moves the cursor',
      );
    },
  },
  {
    name: 'core:glob',
    seeds: async () =>
      texts('**/*.{ts,js}', 'a/{b,{c,d}}/**', '**/[a-z]*?.sh', '.github/workflows/**', '{a,b'),
    run(bytes) {
      const glob = bytes.toString('utf8').slice(0, 300);
      // Globs are the project's own or a policy's: alternatives multiply, so their number is bounded before.
      if ((glob.match(/[{,]/g) ?? []).length > 24) return;
      let globs;
      try {
        globs = expandBraces(glob);
      } catch (error) {
        return holds(error instanceof RangeError, 'a brace that is not closed is said so');
      }
      for (const one of globs.slice(0, 50)) {
        const shape = shapeOfGlob(one);
        if ('source' in shape)
          holds(new RegExp(`^(?:${String(shape.source)})$`, 's').source !== '', 'a shape is a pattern');
      }
    },
  },
  {
    name: 'core:risk',
    seeds: async () =>
      texts(
        'src/index.ts',
        '.github/workflows/ci.yml',
        'a/b/package-lock.json',
        'Dockerfile',
        'auth/login/session.rb',
      ),
    run(bytes) {
      risk(bytes.toString('utf8').slice(0, 5000));
    },
  },
];
