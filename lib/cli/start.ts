import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { type Asking, startAsking, startAskingMore } from '../git/repository/asking.ts';
import { askedFirst } from '../ledger/reading/asked-first.ts';
import { codeName, flagsName, WAITED_FOR } from './entry/code-name.ts';
import { type Compiled, keepCompiled, readCompiled } from './entry/compiled.ts';
import { parsePlan } from './entry/plan-words.ts';
import { compileLess } from './entry/short-run.ts';
import { parseShow } from './entry/show-words.ts';

/** How a run ended. */
export interface Ended {
  readonly code: number;
  /** What was done to its end, as `codeName` names it; null when something kept it from that. */
  readonly did: string | null;
  /** Nothing of what it said on stdout is still to be written. */
  readonly isSaid?: boolean;
}

/** Null when the program has to do it instead. */
type Main = (argv: readonly string[], asking: Asking | null) => Promise<Ended | null>;

/**
 * Starts the program, or what hooks run of it, from its bundle, with what V8 compiled of it when the same command ran before. That lies in a folder
 * beside the bundle: whoever may write there may write the bundle too. Where it is missing, of another Node, or
 * damaged, everything is compiled anew, and kept if that folder can be written. (V8 looks at Node's version, its flags
 * and the length of the source. It does not look for damage, and would crash on it; a digest would take loading
 * node:crypto, which takes longer than all the rest.)
 */
export async function start(folder: string, words: readonly string[]): Promise<void> {
  const isAsked = words[0] === ASKED;
  const argv = isAsked ? words.slice(1) : words;
  const asking = isAsked ? { cwd: process.cwd(), child: null } : askAhead(argv);
  const bundles = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Bundles;
  const isHook = argv[0] === 'hook';
  const first = bundles[bundleFor(argv)];
  const { code, isSaid } = (await run(folder, first, argv, asking)) ??
    (await run(folder, bundles.main, argv, null)) ?? { code: 255, did: null };
  // Everything is said and synced: a git process that only has to end must not keep anybody waiting. A hook says nothing
  // on stdout that is not written yet, and has no time to load it.
  if (isHook || isSaid === true) process.exit(code);
  process.stdout.write('', () => process.exit(code));
}

/** Before all other words: git was asked already, by the shell of bin/git-agent-log. */
const ASKED = '--asked';

/** What `show` or a plan mostly asks of git first, asked before anything is read that could make sense of the answers: git works meanwhile. */
function askAhead([command, ...words]: readonly string[]): Asking | null {
  if (isPlan([command ?? '', ...words])) {
    const asking = startAskingMore(process.cwd(), askedFirst('HEAD'));
    compileLess();
    return asking;
  }
  const name = command === 'show' ? parseShow(words)?.name : undefined;
  return name === undefined ? null : startAsking(process.cwd(), askedFirst(name));
}

async function run(
  folder: string,
  file: string,
  argv: readonly string[],
  asking: Asking | null,
): Promise<Ended | null> {
  const asked = codeName(argv);
  const parts: Part[] = [];
  const ended = await mainOf(folder, file, (name) => {
    const part = partOf(folder, name, asked);
    parts.push(part);
    return part.script;
  })(argv, asking);
  const did = ended?.did ?? null;
  if (did !== null)
    for (const { name, script, known } of parts) {
      const path = compiledPath(folder, name, did);
      keepCompiled(path, did === asked ? known : readCompiled(path), script);
    }
  return ended;
}

/** A file of a bundle, with what was known of it compiled. */
interface Part {
  readonly name: string;
  readonly script: Script;
  readonly known: Compiled | null;
}

function partOf(folder: string, name: string, asked: string): Part {
  const path = join(folder, name);
  const known = readCompiled(compiledPath(folder, name, asked));
  const source = readFileSync(path, 'latin1');
  const cached = known === null ? {} : { cachedData: known.code };
  return { name, script: new Script(source, { filename: path, ...cached }), known };
}

function compiledPath(folder: string, name: string, did: string): string {
  const flags = flagsName(process.env['NODE_OPTIONS'], process.execArgv);
  return join(folder, 'compiled', `${name.slice(0, -4)}.${did}.${process.version}-${process.arch}${flags}`);
}

/** The bundles beside `start.cjs`: what a commit waits for, what other hooks run, what `show` mostly does, what plans, and everything. */
type Bundles = Readonly<Record<'seal' | 'hook' | 'show' | 'plan' | 'main', string>>;

function bundleFor(argv: readonly string[]): keyof Bundles {
  const [command, hook = ''] = argv;
  if (command === 'hook' && ON_A_SERVER.has(hook)) return 'main';
  if (command === 'hook') return WAITED_FOR.has(hook) ? 'seal' : 'hook';
  if (isPlan(argv)) return 'plan';
  return command === 'show' ? 'show' : 'main';
}

function isPlan([command, ...words]: readonly string[]): boolean {
  return command === 'agent-revert' && parsePlan(words) !== null;
}

/** They judge, and take more of the program than any hook of a clone. */
const ON_A_SERVER: ReadonlySet<string> = new Set(['pre-receive', 'update']);

type Exports = Readonly<Record<string, unknown>>;

/**
 * Runs a bundle. It takes from outside what is Node's (making that a `require` takes node:module, which loads that of ES
 * modules), and files beside it with what is loaded only on demand, which in turn take from it what both need.
 */
function mainOf(folder: string, file: string, scriptOf: (name: string) => Script): Main {
  const loaded = new Map<string, Exports>();
  const load = (name: string): Exports => {
    const module = { exports: {} };
    loaded.set(`./${name}`, module.exports);
    const run = scriptOf(name).runInThisContext() as (...args: unknown[]) => void;
    run.call(module.exports, module.exports, take, module, join(folder, name), folder);
    return module.exports;
  };
  const take = (name: string): unknown =>
    name.startsWith('./') ? (loaded.get(name) ?? load(name.slice(2))) : process.getBuiltinModule(name);
  return load(file)['main'] as Main;
}
