import { AgentLogError } from '../../core/errors.ts';
import { type Person, parsePerson } from '../../core/person.ts';
import type { Flags } from '../table/table.ts';
import { textFlag } from './open-flags.ts';

/** A word of the command line that has to be there. Throws BAD_ARGUMENT. */
export function needed(word: string | undefined, what: string, example: string): string {
  if (word !== undefined && word.trim() !== '') return word;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `${what}?`, { hints: [`git agent-log ${example}`] });
}

/** A flag that is one of a few words; undefined where it was not given. Throws BAD_ARGUMENT. */
export function oneOf<T extends string>(flags: Flags, name: string, words: readonly T[]): T | undefined {
  const text = textFlag(flags, name);
  return text === undefined ? undefined : knownWord(text, name, words);
}

/** A flag that is some of a few words, separated by commas. Throws BAD_ARGUMENT. */
export function listOf<T extends string>(flags: Flags, name: string, words: readonly T[]): T[] | undefined {
  return textFlag(flags, name)
    ?.split(',')
    .map((word) => knownWord(word, name, words));
}

function knownWord<T extends string>(word: string, name: string, words: readonly T[]): T {
  const known = words.find((one) => one === word.trim());
  if (known !== undefined) return known;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `--${name} is none of those there are: ${word}`, {
    hints: [`There are: ${words.join(', ')}.`],
  });
}

/** A flag that names a person; undefined where it was not given. Throws BAD_ARGUMENT. */
export function personFlag(flags: Flags, name: string): Person | undefined {
  const text = textFlag(flags, name);
  if (text === undefined) return undefined;
  const person = parsePerson(text);
  if (person !== null) return person;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `--${name} names no person: ${text}`, {
    hints: [`--${name} "Jane Doe <jane@example.com>"`],
  });
}

/** A flag that may be given several times, or with several words. */
export function wordsFlag(flags: Flags, name: string): string[] | undefined {
  const value = flags[name];
  if (Array.isArray(value)) return value.filter((word): word is string => typeof word === 'string');
  return typeof value === 'string' ? [value] : undefined;
}

/** The words somebody gives for something, within what a line of the ledger holds. Throws BAD_ARGUMENT. */
export function reasonFlag(flags: Flags, name: string): string | undefined {
  const text = textFlag(flags, name)?.trim();
  if (text === undefined || text === '') return undefined;
  if (text.length <= 2000) return text;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `--${name} is too long`, {
    hints: ['2000 letters at most. Name a document by its address or its digest instead.'],
  });
}
