import { AgentLogError } from '../../../core/errors.ts';
import { isObject, type JsonObject as Json, parseSettingsJson } from './settings-json.ts';

/** A configuration file that is JSON and keeps, by event, a list of what to run. */
export interface HookListFormat {
  /** The file's name for messages: "Cursor's hooks file". */
  readonly title: string;
  /** The key the lists are under; null when the file is nothing but the lists. */
  readonly under: string | null;
  /** Keys a new file has to begin with. */
  readonly header?: Json;
  /** Our entries by event. */
  readonly entries: (command: string) => ReadonlyMap<string, readonly Json[]>;
}

/** Part of every command of ours, wherever it is found. */
const OURS = 'agent-log/bin/spool';

/** The file with our entries in and everything else as it was; the same text when they are in already. */
export function withHookLists(format: HookListFormat, text: string | null, command: string): string {
  const file = parseFile(format, text);
  const before = listsOf(format, file);
  const lists = new Map(Object.entries(before).map(([event, list]) => [event, othersIn(list)]));
  for (const [event, entries] of format.entries(command)) {
    const others = lists.has(event) ? asList(lists.get(event)) : [];
    if (others === null) throw unreadable(format);
    lists.set(event, [...others, ...entries]);
  }
  for (const [event, list] of Object.entries(before))
    if (isEmpty(lists.get(event)) && !isEmpty(list)) lists.delete(event);
  const after = put(format, { ...format.header, ...file }, lists);
  return text !== null && JSON.stringify(after) === JSON.stringify(file) ? text : print(after);
}

/** The file without our entries; null when nothing but what we began it with is left. */
export function withoutHookLists(format: HookListFormat, text: string): string | null {
  const file = parseFile(format, text);
  const lists = withoutOurs(listsOf(format, file));
  if (JSON.stringify(lists) === JSON.stringify(listsOf(format, file))) return text;
  const empty = Object.keys(lists).length === 0;
  if (format.under === null) return empty ? null : print(lists);
  const rest = Object.entries(file).filter(([key]) => key !== format.under);
  const nothingElse = rest.every(([key, value]) => format.header?.[key] === value);
  if (empty && nothingElse) return null;
  return print(empty ? Object.fromEntries(rest) : put(format, file, new Map(Object.entries(lists))));
}

/** Events our entry is missing for. */
export function missingInLists(format: HookListFormat, text: string | null): string[] {
  const lists = listsOf(format, parseFile(format, text));
  return [...format.entries('').keys()].filter((event) => !(asList(lists[event]) ?? []).some(isOurs));
}

function put(format: HookListFormat, file: Json, lists: ReadonlyMap<string, unknown>): Json {
  const value = Object.fromEntries(lists);
  return format.under === null ? value : { ...file, [format.under]: value };
}

function listsOf(format: HookListFormat, file: Json): Json {
  if (format.under === null) return file;
  const lists = Object.hasOwn(file, format.under) ? file[format.under] : {};
  if (isObject(lists)) return lists;
  throw unreadable(format);
}

/** An event left without entries goes, unless it was an empty list before us. */
function withoutOurs(lists: Json): Json {
  const kept = Object.entries(lists).flatMap(([event, value]) => {
    const others = othersIn(value);
    return isEmpty(others) && !isEmpty(value) ? [] : [[event, others] as const];
  });
  return Object.fromEntries(kept);
}

/** The entries of a list that are not ours; what is no list, as it is. */
function othersIn(value: unknown): unknown {
  return Array.isArray(value) ? value.filter((entry) => !isOurs(entry)) : value;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** An entry that runs our script, itself or in a list of hooks of its own. */
function isOurs(entry: unknown): boolean {
  if (!isObject(entry)) return false;
  const { command, hooks } = entry;
  if (typeof command === 'string' && command.includes(OURS)) return true;
  return (asList(hooks) ?? []).some(isOurs);
}

function parseFile(format: HookListFormat, text: string | null): Json {
  if (text === null || text.trim() === '') return {};
  const value = parseSettingsJson(text);
  if (value === null) throw unreadable(format);
  return value;
}

function asList(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null;
}

function print(value: Json): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function unreadable(format: HookListFormat): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'answer', `${format.title} is not a JSON object of hooks`, {
    hints: ['Mend the file (the agent does not read it either), then run this again.'],
  });
}
