import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wrapHints } from '../../../lib/cli/terminal/hint-lines.ts';
import { PLAIN } from '../../../lib/cli/terminal/io.ts';
import { checkText } from '../../../lib/cli/views/check/text.ts';
import { checkDocument, decision } from '../../support/check-document.ts';
import { makeRepo } from '../../support/repo.ts';

const width = (line: string): number => [...line].length;
const plain = (text: string): string => text.replaceAll(/ +/g, ' ').trim();

it('a hint that is too long goes on below, and can be told from another one', () => {
  const text =
    'error: no\nhint: This is a rather long piece of advice that nobody would read in one line of text.\nhint: Short.\n';
  expect(wrapHints(text, 50)).toBe(
    'error: no\nhint: This is a rather long piece of advice that\nhint:   nobody would read in one line of text.\nhint: Short.\n',
  );
  expect(wrapHints(text, 120)).toBe(text);
});

it('what is to be pasted stays on one line', () => {
  const text =
    'hint: What was never recorded, people can say afterwards: git agent-log adopt HEAD~3..HEAD --by branch.\n';
  expect(wrapHints(text, 80)).toBe(
    'hint: What was never recorded, people can say afterwards:\nhint:   git agent-log adopt HEAD~3..HEAD --by branch.\n',
  );
  const quoted = `hint: Look whether there is more to it than that, with \`git agent-log list --since 2026-01-01\`, and go on.\n`;
  expect(wrapHints(quoted, 80)).toContain('\nhint:   `git agent-log list --since 2026-01-01`, and');
});

it('attack: whatever a hint is about, it fits but for words that are longer, and nothing is lost', () => {
  const words = fc.array(
    fc.string({ unit: 'binary', maxLength: 30 }).map((word) => word.replaceAll(/[\s\0]/gu, 'x')),
  );
  const odd = fc.constantFrom('git agent-log list', '`', '`a b`', '.', 'hint:', 'git config a', '');
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          odd,
          words.map((some) => some.join(' ')),
        ),
      ),
      fc.integer({ min: 20, max: 100 }),
      (parts, columns) => {
        const line = `hint: ${parts.join(' ')}`;
        const printed = wrapHints(line, columns);
        expect(plain(printed.replaceAll('\nhint:   ', ' '))).toBe(plain(line));
        if (width(line) <= columns) return;
        for (const one of printed.split('\n'))
          if (width(one) > columns) expect(one.replace(/^hint: +/, '').trim()).not.toContain(' ');
      },
    ),
  );
});

it('what mends a denied change can be pasted from the answer of check, too', () => {
  const command = 'git agent-log sponsor 01M83Y24ZC2HAY9DT8TA7R8KNW --sign --target main';
  const denied = decision({
    result: 'fail',
    denies: true,
    hint: `Jane Doe, whom a record names, has not signed and runs, as themselves: ${command}`,
  });
  const lines = checkText(checkDocument([denied]), { paint: PLAIN, columns: 80, full: false }).split('\n');
  expect(lines).toContain(`      ${command}`);
});

it('errors and talk of the program are wrapped, also where there is no terminal, as answers are', async () => {
  const repo = await makeRepo();
  try {
    const { stderr } = await repo.run(['check', '--stage', 'nowhere'], { asPrinted: true });
    const unknown = await repo.run(['check', '--no-such-flag-at-all'], { asPrinted: true });
    for (const line of `${stderr}${unknown.stderr}`.split('\n')) expect(width(line)).toBeLessThanOrEqual(80);
    expect(stderr).toMatch(/\nhint: .*\nhint: {3}\S/);
  } finally {
    await repo.remove();
  }
});
