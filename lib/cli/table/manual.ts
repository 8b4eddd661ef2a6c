import { COMMIT_ONLY } from '../../capture/agents/commit-only.ts';
import { ADAPTERS } from '../../capture/agents/index.ts';
import { PROVIDED, type Provides } from '../../capture/agents/provides.ts';
import { REVERT } from './revert.ts';
import { COMMANDS, type CommandSpec } from './table.ts';

/** Exit codes, as the contract has them. */
const EXITS: readonly (readonly [string, string])[] = [
  ['0', 'yes, or done'],
  ['1', 'a considered no: not found, denied, nothing recorded'],
  ['2', 'the command line is wrong'],
  ['3', 'integrity: what is stored is not what it should be'],
  ['128', 'git or the system failed'],
  ['255', 'a mistake of git-agent-log'],
];

const ABOUT =
  'Keeps what AI coding agents did in a repository (task, model, tool calls, the human who answers for it) as git notes ' +
  'on refs/notes/agent-log, sealed by trailers in the commit message, and shows it.';

const GLOBAL_FLAGS = [
  { flags: '-C <dir>', description: 'run as if started in <dir>' },
  { flags: '--no-color', description: 'no colours; NO_COLOR and color.ui are obeyed too' },
  { flags: '--debug', description: 'with an error, print where it happened' },
  { flags: '--version', description: 'print the version' },
];

/** The man page git-agent-log(1), in man(7) macros. The date is fixed, so that the page changes only when the table does. */
export function manPage(): string {
  return [
    '.TH GIT\\-AGENT\\-LOG 1 "" "git-agent-log" "Git Manual"',
    '.SH NAME',
    'git\\-agent\\-log \\- keep and show what AI agents did in a repository',
    '.SH SYNOPSIS',
    ...COMMANDS.flatMap((spec) => ['.br', `.B git agent\\-log ${roff(spec.name)}`, roff(synopsis(spec))]),
    '.SH DESCRIPTION',
    roff(ABOUT),
    '.SH COMMANDS',
    ...COMMANDS.flatMap(manCommand),
    '.SH GLOBAL OPTIONS',
    ...GLOBAL_FLAGS.flatMap(manFlag),
    '.SH EXIT STATUS',
    ...EXITS.flatMap(([code, text]) => ['.TP', `.B ${code}`, roff(text)]),
    '.SH SEE ALSO',
    '.BR git\\-notes (1),',
    '.BR git\\-interpret\\-trailers (1)',
    '',
  ].join('\n');
}

/** The man page git-agent-revert(1). */
export function revertManPage(): string {
  return [
    '.TH GIT\\-AGENT\\-REVERT 1 "" "git-agent-log" "Git Manual"',
    '.SH NAME',
    'git\\-agent\\-revert \\- undo what an AI agent did, as one unit',
    '.SH SYNOPSIS',
    `.B git agent\\-revert ${roff(synopsis(REVERT))}`,
    '.SH DESCRIPTION',
    roff(REVERT.description.join(' ')),
    '.SH OPTIONS',
    ...REVERT.flags.flatMap(manFlag),
    '.SH EXAMPLES',
    ...REVERT.examples.flatMap((example) => ['.PP', roff(example)]),
    '.SH SEE ALSO',
    '.BR git\\-agent\\-log (1),',
    '.BR git\\-revert (1)',
    '',
  ].join('\n');
}

/** The command reference, in Markdown. */
export function reference(): string {
  const parts = [
    '# Commands',
    'Made from the command table (`npm run docs`); `git agent-log <command> -h` prints the same.',
    ...[...COMMANDS, REVERT].map(referenceCommand),
    '## Global options',
    flagTable(GLOBAL_FLAGS),
    '## Exit status',
    ['| code | meaning |', '| --- | --- |', ...EXITS.map(([code, text]) => `| ${code} | ${text} |`)].join(
      '\n',
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** What each agent tells, in Markdown. */
export function agentsPage(): string {
  const parts = [
    '# Agents: what each of them tells',
    'Made from the adapters (`npm run docs`). A record says what it could not learn: see its `gaps`.',
    agentTable(ADAPTERS),
    [
      "- **hooks**: the agent's own hooks, so it is there when the agent commits",
      '- **transcript**: the file the agent writes, read when it commits',
      "- **later**: the same file, but complete only after the commit or the session's end",
      '- **environment**: variables the agent sets for the commands it runs',
      '- **derived**: the agent tells none; made here from order and content, the same each time',
      '- **none**: nowhere',
    ].join('\n'),
    ...ADAPTERS.map(({ name, provides }) => agentNotes(name, provides)),
    commitOnly(),
  ];
  return `${parts.join('\n\n')}\n`;
}

function agentTable(adapters: readonly { readonly name: string; readonly provides: Provides }[]): string {
  const rows = adapters.map(({ name, provides }) => [
    `\`${name}\``,
    provides.ranWith ?? 'no',
    ...PROVIDED.map(([field]) => provides[field]),
  ]);
  const head = ['agent', 'client run by our tests', ...PROVIDED.map(([, title]) => title)];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function agentNotes(name: string, { title, ranWith, transcript, notes }: Provides): string {
  return [
    `## ${title} (\`${name}\`)`,
    '',
    ...(ranWith === null ? ['- Built from its documented formats; never run live by our tests.'] : []),
    `- Transcript: ${transcript === null ? 'none on this machine' : `\`${transcript}\``}`,
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
}

function commitOnly(): string {
  const rows = COMMIT_ONLY.map(({ name, title, marks, note }) => [
    `\`${name}\``,
    title,
    marks.join(', '),
    note,
  ]);
  const head = ['in `scan`', 'agent', 'known by', 'note'];
  return [
    '## Known by their commits alone',
    '',
    'They work on machines where no hook of ours runs. `git agent-log scan` finds what they committed; prompts, model, tool',
    'calls and usage are not known. None was run live by our tests: the marks are those they document, or leave in public',
    'repositories.',
    '',
    ...[head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

function synopsis(spec: CommandSpec): string {
  return [spec.flags.length > 0 ? '[options]' : '', spec.usage].filter(Boolean).join(' ');
}

function manCommand(spec: CommandSpec): string[] {
  return [
    `.SS ${roff(`${spec.name} ${synopsis(spec)}`)}`,
    roff(spec.description.join(' ')),
    ...spec.args.flatMap(({ name, description }) => ['.TP', `.I ${roff(name)}`, roff(description)]),
    ...spec.flags.flatMap(manFlag),
    ...spec.examples.flatMap((example) => ['.PP', '.nf', `    ${roff(example)}`, '.fi']),
  ];
}

function manFlag({ flags, description }: { flags: string; description: string }): string[] {
  return ['.TP', `.B ${roff(flags)}`, roff(description)];
}

function referenceCommand(spec: CommandSpec): string {
  const parts = [
    `## ${spec.name}`,
    `\`${[spec === REVERT ? 'git' : 'git agent-log', spec.name, synopsis(spec)].filter(Boolean).join(' ')}\``,
    spec.description.join(' '),
    ...(spec.args.length === 0
      ? []
      : [spec.args.map(({ name, description }) => `- \`${name}\`: ${description}`).join('\n')]),
    ...(spec.flags.length === 0 ? [] : [flagTable(spec.flags)]),
    ['```', ...spec.examples, '```'].join('\n'),
  ];
  return parts.join('\n\n');
}

function flagTable(flags: readonly { flags: string; description: string }[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
  return [
    '| option | meaning |',
    '| --- | --- |',
    ...flags.map(({ flags: names, description }) => `| \`${names}\` | ${cell(description)} |`),
  ].join('\n');
}

/** Text as man(7) takes it: dashes that are dashes, no line that starts a request. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
