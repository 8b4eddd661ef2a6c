import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runGit } from '../../../lib/git/process/runner.ts';
import { type Heard, heardKey, parseHeard } from '../../../lib/git/repository/heard.ts';

const QUESTIONS = [['rev-parse'], ['config', '-z'], ['diff-index', '-z']];
const NAMES = ['HEAD^{commit}', 'refs/notes/agent-log^{commit}'];
const OIDS = ['a'.repeat(40), 'b'.repeat(64)];

interface Said {
  readonly answers: readonly { readonly stdout: Buffer; readonly code: number }[];
  readonly objects: readonly (Buffer | null)[];
}

/** What the shell writes: each answer, its end and its code, then what cat-file says. */
function stream({ answers, objects }: Said): Buffer {
  const parts = answers.flatMap(({ stdout, code }) => [stdout, Buffer.from(`\0\0${code}\n`)]);
  const batch = objects.flatMap((content, i) =>
    content === null
      ? [Buffer.from(`${NAMES[i]} missing\n`)]
      : [Buffer.from(`${OIDS[i]} commit ${content.length}\n`), content, Buffer.from('\n')],
  );
  return Buffer.concat([...parts, ...batch]);
}

const token = fc
  .string({ minLength: 1, maxLength: 12, unit: 'binary' })
  .map((text) => text.replaceAll('\0', '0'));
const stdout = fc.oneof(
  fc.array(token).map((tokens) => Buffer.from(tokens.map((one) => `${one}\0`).join(''))),
  fc.array(token).map((lines) => Buffer.from(lines.map((one) => `${one}\n`).join(''))),
);
const content = fc
  .array(fc.constantFrom('tree a\n', '\n\n', '\0', '\0\x000\n', 'b'.repeat(40), ' commit 7\n', 'é'))
  .map((parts) => Buffer.from(parts.join('')));
const said: fc.Arbitrary<Said> = fc.record({
  answers: fc.array(fc.record({ stdout, code: fc.constantFrom(0, 1, 128, 255) }), {
    minLength: 3,
    maxLength: 3,
  }),
  objects: fc.array(fc.option(content), { minLength: 2, maxLength: 2 }),
});

/** Whatever was heard is what was said; null where nothing was. */
function expectTrue(heard: Heard, { answers, objects }: Said): void {
  for (const [i, args] of QUESTIONS.entries()) {
    const answer = heard.answers.get(heardKey(args));
    if (answer) expect({ code: answer.code, stdout: answer.stdout.toString('hex') }).toEqual(hex(answers[i]));
  }
  for (const [i, name] of NAMES.entries()) {
    const object = heard.objects.get(name);
    if (object !== undefined) expect(object?.content.toString('hex')).toBe(objects[i]?.toString('hex'));
  }
}

function hex(answer: Said['answers'][number] | undefined): { code: number; stdout: string } {
  return { code: answer?.code ?? -1, stdout: answer?.stdout.toString('hex') ?? '' };
}

describe('parseHeard', () => {
  it('hears every answer, whatever bytes are in it', () => {
    fc.assert(
      fc.property(said, (one) => {
        const heard = parseHeard(stream(one), QUESTIONS, NAMES);
        expect([...heard.answers.keys()]).toEqual(QUESTIONS.map(heardKey));
        expect([...heard.objects.keys()]).toEqual(expect.arrayContaining(NAMES));
        expectTrue(heard, one);
      }),
      { numRuns: 500 },
    );
  });

  it('hears nothing wrong of a stream cut off anywhere', () => {
    fc.assert(
      fc.property(said, fc.nat(), (one, cut) => {
        const bytes = stream(one);
        expectTrue(parseHeard(bytes.subarray(0, cut % (bytes.length + 1)), QUESTIONS, NAMES), one);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds a commit by its id, too', () => {
    const bytes = stream({ answers: [], objects: [Buffer.from('tree'), null] });
    const heard = parseHeard(bytes, [], NAMES);
    expect(heard.objects.get(`${OIDS[0]}^{commit}`)?.content.toString()).toBe('tree');
    expect(heard.objects.get('refs/notes/agent-log^{commit}')).toBeNull();
  });
});

describe('runGit with what was heard', () => {
  const heard: Heard = {
    answers: new Map([
      ['good', { code: 0, stdout: Buffer.from('heard'), stderr: '' }],
      ['bad', { code: 1, stdout: Buffer.from('heard'), stderr: '' }],
    ]),
    objects: new Map(),
  };
  const place = { cwd: '/', heard };

  it('takes an answer, and a failure only where that is one', async () => {
    expect((await runGit(place, { args: ['good'] })).stdout.toString()).toBe('heard');
    expect((await runGit(place, { args: ['bad'], okCodes: [1] })).stdout.toString()).toBe('heard');
    await expect(runGit(place, { args: ['bad'] })).rejects.toThrow("git bad failed (1): git: 'bad' is not");
  });

  it('asks itself where the question has input or an environment of its own', async () => {
    await expect(runGit(place, { args: ['good'], stdin: '' })).rejects.toThrow('git good failed');
    await expect(runGit(place, { args: ['good'], env: { A: '1' } })).rejects.toThrow('git good failed');
  });
});
