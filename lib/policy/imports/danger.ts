import { at, isObject, json, list, text, word } from './fields.ts';
import { type Finding, type Report, refused } from './imported.ts';

const LISTS = [
  ['fails', 'fail'],
  ['warnings', 'warn'],
  ['messages', 'skip'],
] as const;

/** Danger's results. A run without any is not told apart from one without a Dangerfile. */
export function readDanger(input: string): Report {
  const value = json(input);
  if (!isObject(value) || !LISTS.every(([name]) => Array.isArray(at(value, name))))
    throw refused('it is no result of Danger');
  const findings = LISTS.flatMap(([name, result]) =>
    list(value, name).map((item): Finding => {
      const file = text(item, 'file');
      const line = word(item, 'line');
      const place = file === null ? '' : `${file}${line === null ? '' : `:${line}`}: `;
      return { rule: `danger/${name}`, result, message: `${place}${text(item, 'message') ?? 'no message'}` };
    }),
  );
  return { tool: 'danger', findings };
}
