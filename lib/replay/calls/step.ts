import type { ToolCall } from '../../core/generated/execution-v1.types.ts';
import { parseObject } from '../../core/json/object.ts';
import { isOutsideCommand } from './purity.ts';
import { type ArgsReader, TOOLS, toolOf } from './tools.ts';

/** What a recorded call comes to when it is done again. */
export type Step =
  /** A file is given this content. */
  | { readonly kind: 'write'; readonly path: string; readonly content: string }
  /** Texts of a file are replaced, one after the other. */
  | { readonly kind: 'edit'; readonly path: string; readonly edits: readonly TextEdit[] }
  /** A shell runs it. */
  | { readonly kind: 'command'; readonly command: string; readonly folder: string | null }
  /** A file is read: some of its lines, or all. */
  | { readonly kind: 'read'; readonly path: string; readonly from: number; readonly count: number | null }
  /** It changed nothing, and what it saw is nothing a worktree has. */
  | { readonly kind: 'look' }
  /** It reached beyond the worktree: what it brought is taken from the record. */
  | { readonly kind: 'outside'; readonly why: string }
  /** Not enough is recorded to do it again. */
  | { readonly kind: 'unable'; readonly why: string };

export interface TextEdit {
  readonly before: string;
  readonly after: string;
  readonly all: boolean;
}

/** What is put where something was taken out of a text. */
const REDACTED = /\[redacted:[\w-]+\]/;

/**
 * Tells what to do for a call, from its name and its recorded arguments (null: not kept, or not readable here). `root` is where the agent had the
 * worktree, null where that is not known. Arguments are JSON an agent wrote: nothing in them is trusted to be of any form.
 */
export function stepOf(call: ToolCall, args: string | null, root: string | null): Step {
  const tool = toolOf(call.name);
  if (tool === 'look') return { kind: 'look' };
  if (tool === 'outside') return { kind: 'outside', why: `${call.name} reaches beyond the worktree` };
  if (tool === null) return unable(`nobody has told how ${call.name} is done again`);
  if (args === null) return unable('its arguments are not kept, or can not be read here');
  if (REDACTED.test(args)) return unable('something was taken out of its arguments when it was recorded');
  const value = parseObject(args);
  if (value === null) return unable('its arguments are not whole');
  return stepFrom(TOOLS[tool], value, call, root);
}

function stepFrom(
  read: ArgsReader,
  value: Readonly<Record<string, unknown>>,
  call: ToolCall,
  root: string | null,
): Step {
  const asked = read(value);
  if (asked === null) return unable('its arguments are of a form nobody knows');
  if (asked.kind === 'command')
    return isOutsideCommand(asked.command)
      ? { kind: 'outside', why: 'what it ran reaches beyond the worktree' }
      : asked;
  const path = placeOf(asked.file, call, root);
  if (path === null)
    return asked.kind === 'read' ? { kind: 'look' } : unable('the file it wrote is not in the worktree');
  if (asked.kind === 'write') return { kind: 'write', path, content: asked.content };
  if (asked.kind === 'edit') return { kind: 'edit', path, edits: asked.edits };
  return { kind: 'read', path, from: asked.from, count: asked.count };
}

/** A file's path in the worktree: as the record has it, else by where the worktree was. Null for one outside. */
function placeOf(file: string, { files = [] }: ToolCall, root: string | null): string | null {
  const known = files.find(({ path }) => file === path || file.endsWith(`/${path}`));
  if (known !== undefined) return known.path;
  const path = file.startsWith('/') ? relativeTo(root, file) : file;
  return path !== null && isInside(path) ? path : null;
}

function relativeTo(root: string | null, file: string): string | null {
  return root !== null && file.startsWith(`${root}/`) ? file.slice(root.length + 1) : null;
}

/** A path that stays where it is put: nothing of it climbs, and nothing of it is git's own. */
export function isInside(path: string): boolean {
  return (
    path !== '' && !path.includes('\0') && path.split('/').every((part) => !/^(|\.{1,2}|\.git)$/i.test(part))
  );
}

/**
 * Where the agent had the worktree: what stands before a path of the record in the arguments of the call that wrote it. Null when no call tells,
 * or they tell different places.
 */
export function rootOf(
  calls: readonly { readonly call: ToolCall; readonly args: string | null }[],
): string | null {
  const roots = new Set<string>();
  for (const { call, args } of calls) {
    const value = args === null ? null : parseObject(args);
    const file = value?.['file_path'] ?? value?.['filePath'] ?? value?.['absolute_path'];
    if (typeof file !== 'string' || !file.startsWith('/')) continue;
    for (const { path } of call.files ?? [])
      if (file.endsWith(`/${path}`)) roots.add(file.slice(0, -path.length - 1));
  }
  const [root = null] = roots;
  return roots.size === 1 ? root : null;
}

function unable(why: string): Step {
  return { kind: 'unable', why };
}
