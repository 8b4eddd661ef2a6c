import { type Person, parsePerson } from '../../core/person.ts';
import type { LoggedCommit } from '../../git/history/log-stream.ts';
import type { Commit } from '../../git/objects/objects.ts';

const MOST_THANKED = 100;

/** Whoever had a hand in a commit: for another's yes, it does not matter in which way. */
export function handsIn({
  author,
  committer,
  message,
}: Pick<LoggedCommit, 'author' | 'committer' | 'message'>): Person[] {
  const thanked = [...message.matchAll(/^[ \t>*+-]*Co-authored-by:[ \t]*(.{1,300})$/gim)];
  const texts = thanked.slice(0, MOST_THANKED).map(([, text = '']) => text);
  return [author, committer, ...texts].map(personIn);
}

/** The same of a commit as it is stored: its lines of people end with a time. */
export function handsInCommit({ author, committer, message }: Commit): Person[] {
  const undated = (line: string): string => line.replace(/ -?\d+ [+-]\d+$/, '');
  return handsIn({ author: undated(author), committer: undated(committer), message });
}

/** A commit may name anybody, in any form: what is no name and address is all address. */
export function personIn(text: string): Person {
  const email = /<([^<>]*)>\s*$/.exec(text)?.[1];
  return parsePerson(text) ?? { name: text.replace(/<[^<>]*>\s*$/, '').trim(), email: email ?? text };
}
