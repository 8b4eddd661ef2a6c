import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { AgentLogError } from '../../core/errors.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Ended } from '../start.ts';
import { wantsColor } from '../terminal/color.ts';
import { ending } from '../terminal/ending.ts';
import { sayingColumns, wrapHints } from '../terminal/hint-lines.ts';
import { type Io, openIo } from '../terminal/io.ts';
import { endUnheard } from '../terminal/write-out.ts';
import { packageVersion } from '../version.ts';
import { REVERT } from './revert.ts';
import { COMMANDS, type CommandModule, type CommandSpec, type Flags } from './table.ts';

/** Runs one command of the table. Gives the exit code of the contract, and the command if it did what it is for; never throws. */
export async function runProgram(argv: readonly string[], here: Promise<Repository> | null): Promise<Ended> {
  process.stdout.on('error', endUnheard);
  return ending(argv.includes('--debug'), async () => {
    try {
      return await parseAndRun(argv, here);
    } catch (error) {
      if (error instanceof CommanderError) return { code: error.exitCode === 0 ? 0 : 2, did: null };
      throw error;
    }
  });
}

async function parseAndRun(argv: readonly string[], here: Promise<Repository> | null): Promise<Ended> {
  let ended: Ended = { code: 0, did: null };
  // Its command is all there is to it: its help reads `git agent-revert`.
  const program = new Command(argv[0] === REVERT.name ? 'git' : 'git agent-log')
    .description(
      "Shows and keeps what AI agents did in this repository, with nothing but git.\nStart with 'git agent-log init'.",
    )
    .version(packageVersion(), '--version', 'print the version')
    .option('-C <dir>', 'run as if started in <dir>')
    .option('--no-color', 'no colours (NO_COLOR and color.ui are obeyed too)')
    .option('--debug', 'with an error, print where it happened')
    .helpOption('-h, --help', 'print this help (with git in front, --help opens the man page)')
    .helpCommand('help [command]', 'print the help of a command')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(wrapHints(withHints(text, argv), sayingColumns())),
    });
  for (const spec of commandsFor(argv)) {
    addCommand(program, spec, async (args, flags) => {
      const global: Flags = program.opts();
      const cwd = resolve(...[global['C'], flags['C']].filter((folder) => typeof folder === 'string'));
      const mayColor = global['color'] !== false && flags['color'] !== false;
      const color = wantsColor(cwd, mayColor).then((wanted) => openIo(cwd, wanted, here));
      const [io, { run }]: [Io, CommandModule] = await Promise.all([color, spec.load()]);
      const code = await run(io, args, flags);
      ended = { code, did: code === 0 ? spec.name : null };
    });
  }
  if (argv.length === 0) {
    program.outputHelp();
    return { code: 2, did: null };
  }
  await program.parseAsync([...argv], { from: 'user' });
  return ended;
}

/** What commander says of a command line, with its guess as a hint, and where to read on. */
function withHints(text: string, argv: readonly string[]): string {
  const named = argv.find((word) => [REVERT, ...COMMANDS].some(({ name }) => name === word));
  const said = text.trimEnd().replace(/\n\(Did you mean (.+)\?\)$/, '\nhint: Did you mean $1?');
  return `${said}\n${named === undefined ? 'hint: git agent-log -h says what there is.' : `hint: ${helpOf(named)}`}\n`;
}

function helpOf(name: string): string {
  return `git ${name === REVERT.name ? '' : 'agent-log '}${name} -h says what it takes.`;
}

/** One command is quicker to put together than all: those are for its help, and for what it suggests. */
function commandsFor(argv: readonly string[]): readonly CommandSpec[] {
  if (argv[0] === REVERT.name) return [REVERT];
  const named = COMMANDS.filter(({ name }) => name === argv[0]);
  return named.length === 1 ? named : COMMANDS;
}

/** The options of the program that are as good behind a command. */
const EVERYWHERE = [
  { flags: '-C <dir>', description: 'run as if started in <dir>' },
  { flags: '--debug', description: 'with an error, print where it happened' },
  { flags: '--no-color', description: 'no colours' },
] as const;

function addCommand(
  program: Command,
  spec: CommandSpec,
  action: (args: string[], flags: Flags) => Promise<void>,
): void {
  const command = program
    .command(spec.name)
    .summary(spec.summary)
    .description(spec.description.join(' '))
    .helpOption('-h, --help', 'print this help')
    .exitOverride();
  for (const { name, description, many } of spec.args)
    command.argument(
      spec.passThrough === true ? `<${name}...>` : `[${name}${many === true ? '...' : ''}]`,
      description,
    );
  for (const { flags, description } of spec.flags) command.option(flags, description);
  const own = new Set(spec.flags.map(({ flags }) => flags));
  for (const { flags, description } of EVERYWHERE) if (!own.has(flags)) command.option(flags, description);
  // A program of its own is asked for its version as one.
  if (spec === REVERT) command.version(packageVersion(), '--version', 'print the version');
  if (spec.passThrough === true) command.passThroughOptions();
  command.addHelpText('after', `\nExamples:\n${spec.examples.map((example) => `  ${example}`).join('\n')}`);
  command.action(async () => {
    const takesMany = spec.passThrough === true || spec.args.at(-1)?.many === true;
    if (command.args.length > spec.args.length && !takesMany) throw tooMany(spec, command.args);
    await action(command.args, command.opts<Record<string, string | boolean>>());
  });
}

function tooMany(spec: CommandSpec, args: readonly string[]): AgentLogError {
  return new AgentLogError(
    'BAD_ARGUMENT',
    'usage',
    `${spec.name} takes no '${args[spec.args.length] ?? ''}'`,
    {
      hints: [helpOf(spec.name)],
    },
  );
}
