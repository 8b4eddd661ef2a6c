import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REVERT } from '../../lib/cli/table/revert.ts';
import { COMMANDS, type CommandSpec } from '../../lib/cli/table/table.ts';

/** Flags that stand behind every command, and before it. */
const EVERYWHERE = ['-C', '--debug', '--no-color', '-h', '--help', '--version'];
/** Flags of other programs that our hints speak of. */
const OF_OTHERS = ['--argument', '--trust-folder'];
/** Words after `git agent-log` that are no commands of the table. */
const OTHERS = ['help', 'hook'];
/** Commands whose first word says what to do, and which has to be one they know. */
const WITH_ACTIONS = ['exception', 'evidence', 'mr', 'redact'];

/** A command as a sentence names it. */
interface Named {
  readonly where: string;
  readonly text: string;
}

/** Commands in the texts of our code: hints, help and views, and what hooks and templates run. */
function namedInCode(): Named[] {
  return filesUnder('lib', /\.ts$/)
    .filter((file) => !file.includes('/generated/'))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line))
        .flatMap((line) => commandsIn(withoutValues(line), file)),
    );
}

/** The same in what people read. */
function namedInDocs(): Named[] {
  const files = ['README.md', ...filesUnder('docs', /\.(md|yml|sh)$/)];
  return files
    .filter((file) => !/docs\/(decisions|reference\.md)/.test(file))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line) => commandsIn(line.replace(/\s#\s.*/, ''), file)),
    );
}

function filesUnder(folder: string, name: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => name.test(path));
}

/** What a template puts in is one word, whatever it is; behind another, a part of it or nothing. */
function withoutValues(line: string): string {
  let plain = line;
  for (let before = ''; before !== plain; ) {
    before = plain;
    plain = plain.replaceAll(/(\S?)\$\{[^{}]*\}/g, (_, glued: string) => (glued === '' ? 'VALUE' : glued));
  }
  return plain;
}

/** Each command up to where its sentence, its code or its string ends. */
function commandsIn(line: string, where: string): Named[] {
  const found = line.matchAll(
    /(?<![\w/.-])(?:git )?agent-(?:log|revert) (?:(?!git agent-|<\/)[^`'"|;)(\\])+/g,
  );
  return [...found]
    .map(([text]) => text.replace(/(?<=\S)([.,:]\s|[.,:]$| or | and | && ).*/, '').trim())
    .filter((text) => text.startsWith('git '))
    .map((text) => ({ where, text }));
}

/** What there is not of a command, in words; null where all of it is. */
function problemOf(text: string): string | null {
  const [, program, ...words] = text.split(/\s+/);
  const spec = program === 'agent-revert' ? REVERT : COMMANDS.find(({ name }) => name === words[0]);
  const flags = words
    .filter((word) => /^--?[a-zA-Z]/.test(word))
    .map((word) => word.replace(/[=.,:…].*/, ''));
  if (spec === undefined) return isKnownOtherwise(words[0] ?? '') ? null : `there is no '${words[0]}'`;
  const unknown = flags.find((flag) => !takes(spec, flag));
  if (unknown !== undefined) return `${spec.name} has no ${unknown}`;
  const action = words[1] ?? '';
  const isAction = WITH_ACTIONS.includes(spec.name) && /^[a-z][a-z-]+$/.test(action);
  return isAction && !helpOf(spec).includes(action) ? `${spec.name} knows no '${action}'` : null;
}

function isKnownOtherwise(word: string): boolean {
  return OTHERS.includes(word) || EVERYWHERE.includes(word) || /^([A-Z<…]|$)/.test(word);
}

function takes({ flags, passThrough }: CommandSpec, flag: string): boolean {
  const own = flags.flatMap((one) => one.flags.split(/[\s,]+/));
  return own.includes(flag) || EVERYWHERE.includes(flag) || passThrough === true;
}

function helpOf({ usage, description }: CommandSpec): string[] {
  return [usage, ...description].join(' ').split(/[^a-z-]+/);
}

/** Flags that sentences of ours name by themselves: what to add to the command that was given. */
function flagsNamedAlone(): Named[] {
  return filesUnder('lib', /\.ts$/)
    .filter((file) => !/\/(generated|git)\//.test(file))
    .flatMap((where) =>
      [...readFileSync(where, 'utf8').matchAll(/hints?: \[?\s*(['`])((?:(?!\1)[^\n])*)/g)].flatMap(
        ([, , text = '']) =>
          [...text.replaceAll(/git (?!agent-)[^;:]*/g, '').matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(
            ([flag]) => ({
              where,
              text: flag,
            }),
          ),
      ),
    );
}

describe('every command that is named', () => {
  it.each([
    ['in hints and views', namedInCode, 150],
    ['in the documentation', namedInDocs, 150],
  ] as const)('%s is one there is, with flags it has', (_, named, least) => {
    const all = named();
    expect(all.length).toBeGreaterThan(least);
    const wrong = all.flatMap(({ where, text }) => {
      const problem = problemOf(text);
      return problem === null ? [] : [`${where}: ${text} (${problem})`];
    });
    expect(wrong).toEqual([]);
  });

  it('by a flag alone has a flag of some command', () => {
    const known = new Set(
      [REVERT, ...COMMANDS].flatMap(({ flags }) => flags.flatMap((one) => one.flags.split(/[\s,]+/))),
    );
    const all = flagsNamedAlone().filter(({ text }) => !OF_OTHERS.includes(text));
    expect(all.length).toBeGreaterThan(30);
    expect(all.filter(({ text }) => !known.has(text) && !EVERYWHERE.includes(text))).toEqual([]);
  });

  it.each([
    ['git agent-log lists', "there is no 'lists'"],
    ['git agent-log list --opened', 'list has no --opened'],
    ['git agent-revert --plans', 'git-agent-revert has no --plans'],
    ['git agent-log exception opens', "exception knows no 'opens'"],
    ['git agent-log run -- npm --any', null],
    ['git agent-log exception open --type x', null],
  ])('%s is judged so', (text, problem) => {
    expect(problemOf(text)).toBe(problem?.replace('git-agent-revert', REVERT.name) ?? null);
  });
});
