import type { TextEdit } from './step.ts';

type Args = Readonly<Record<string, unknown>>;

/** What arguments ask for; files are as the agent named them. */
export type Asked =
  | { readonly kind: 'write'; readonly file: string; readonly content: string }
  | { readonly kind: 'edit'; readonly file: string; readonly edits: readonly TextEdit[] }
  | { readonly kind: 'command'; readonly command: string; readonly folder: string | null }
  | { readonly kind: 'read'; readonly file: string; readonly from: number; readonly count: number | null };

/** Reads the arguments of a tool; null where they are not as that tool has them. */
export type ArgsReader = (args: Args) => Asked | null;

/** How tools are told what to do, by what they do. Names of fields are those of Claude Code, Gemini CLI and opencode. */
export const TOOLS: Readonly<Record<DoneAgain, ArgsReader>> = { write, edit, edits, command, read };

type DoneAgain = 'write' | 'edit' | 'edits' | 'command' | 'read';
type Tool = DoneAgain | 'look' | 'outside';

const BY_NAME: Readonly<Record<string, Tool>> = {
  Write: 'write',
  write: 'write',
  write_file: 'write',
  Edit: 'edit',
  edit: 'edit',
  replace: 'edit',
  MultiEdit: 'edits',
  multiedit: 'edits',
  Bash: 'command',
  bash: 'command',
  run_shell_command: 'command',
  Read: 'read',
  read: 'read',
  read_file: 'read',
  // What they changed, other calls of the record did.
  ...Object.fromEntries(
    [
      'Glob',
      'Grep',
      'LS',
      'TodoWrite',
      'TodoRead',
      'Task',
      'Agent',
      'ExitPlanMode',
      'AskUserQuestion',
      'Skill',
      'ToolSearch',
      'BashOutput',
      'KillShell',
      'NotebookRead',
      'EnterPlanMode',
      'TaskCreate',
      'TaskUpdate',
      'TaskList',
      'TaskGet',
      'glob',
      'grep',
      'list',
      'todowrite',
      'todoread',
      'task',
      'list_directory',
      'read_many_files',
      'search_file_content',
      'grep_search',
      'save_memory',
      'write_todos',
    ].map((name) => [name, 'look' as const]),
  ),
  ...Object.fromEntries(
    ['WebFetch', 'WebSearch', 'webfetch', 'websearch', 'web_fetch', 'google_web_search'].map((name) => [
      name,
      'outside' as const,
    ]),
  ),
};

/** What a tool of a name does; null for one nobody has told of. Tools of MCP servers reach beyond the worktree. */
export function toolOf(name: string): Tool | null {
  if (name.startsWith('mcp__')) return 'outside';
  return Object.hasOwn(BY_NAME, name) ? (BY_NAME[name] ?? null) : null;
}

function write(args: Args): Asked | null {
  const [file, content] = [fileIn(args), args['content']];
  return file === null || typeof content !== 'string' ? null : { kind: 'write', file, content };
}

function edit(args: Args): Asked | null {
  const [file, one] = [fileIn(args), textEdit(args)];
  return file === null || one === null ? null : { kind: 'edit', file, edits: [one] };
}

function edits(args: Args): Asked | null {
  const [file, list] = [fileIn(args), args['edits']];
  if (file === null || !Array.isArray(list)) return null;
  const all = list.map((one: unknown) => textEdit((one ?? {}) as Args));
  const whole = all.filter((one) => one !== null);
  return whole.length === 0 || whole.length < all.length ? null : { kind: 'edit', file, edits: whole };
}

function command(args: Args): Asked | null {
  const text = args['command'];
  const folder = args['directory'] ?? args['dir_path'] ?? args['workdir'] ?? null;
  if (typeof text !== 'string' || (folder !== null && typeof folder !== 'string')) return null;
  // What goes on behind the call is done at a time nobody has told.
  if (args['run_in_background'] === true || args['is_background'] === true) return null;
  return { kind: 'command', command: text, folder: folder === '' ? null : folder };
}

function read(args: Args): Asked | null {
  const file = fileIn(args);
  if (file === null) return null;
  const from = args['offset'];
  const count = args['limit'];
  return {
    kind: 'read',
    file,
    from: typeof from === 'number' ? from : 1,
    count: typeof count === 'number' ? count : null,
  };
}

function textEdit(args: Args): TextEdit | null {
  const before = args['old_string'] ?? args['oldString'];
  const after = args['new_string'] ?? args['newString'];
  const all = args['replace_all'] ?? args['replaceAll'] ?? args['allow_multiple'];
  return typeof before === 'string' && typeof after === 'string'
    ? { before, after, all: all === true }
    : null;
}

function fileIn(args: Args): string | null {
  const file = args['file_path'] ?? args['filePath'] ?? args['absolute_path'];
  return typeof file === 'string' && file !== '' ? file : null;
}
