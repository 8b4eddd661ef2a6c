import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { type Asking, startAsking } from '../git/repository/asking.ts';
import { askedFirst } from '../ledger/reading/asked-first.ts';
import { type Compiled, keepCompiled, readCompiled } from './compiled.ts';
import { parsePlan } from './plan-words.ts';
import { parseShow } from './show-words.ts';

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
export async function start(folder: string, argv: readonly string[]): Promise<void> {
  const asking = askAhead(argv);
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

/** What `show` or a plan mostly asks of git first, asked before anything is read that could make sense of the answers: git works meanwhile. */
function askAhead([command, ...words]: readonly string[]): Asking | null {
  const name =
    command === 'show' ? parseShow(words)?.name : isPlan([command ?? '', ...words]) ? 'HEAD' : null;
  return name == null ? null : startAsking(process.cwd(), askedFirst(name));
}

async function run(
  folder: string,
  file: string,
  argv: readonly string[],
  asking: Asking | null,
): Promise<Ended | null> {
  const path = join(folder, file);
  const compiled = (name: string): string =>
    join(folder, 'compiled', `${file.slice(0, -4)}.${name}.${process.version}-${process.arch}`);
  const asked = codeName(argv);
  const known = readCompiled(compiled(asked));
  const script = scriptOf(path, known);
  const ended = await mainOf(script, path)(argv, asking);
  const did = ended?.did ?? null;
  if (did !== null) {
    const path = compiled(did);
    keepCompiled(path, did === asked ? known : readCompiled(path), script);
  }
  return ended;
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
const WAITED_FOR: ReadonlySet<string> = new Set(['prepare-commit-msg', 'commit-msg', 'unsealed']);

/** Commands differ in what they run of the program: one name for each, and two for what may be a commit or a transaction. */
export function codeName(argv: readonly string[]): string {
  const [command, name = ''] = argv;
  if (command === 'show' && TXN.test(name)) return 'show-txn';
  const words = command === 'hook' ? argv.slice(0, 2) : argv.slice(0, 1);
  return words.join('-').replaceAll(/[^a-z-]/g, '');
}

/** As transactions are named, and few commits. */
const TXN = /^[0-7][0-9A-HJKMNP-TV-Z]{7,25}$/i;

type Exports = Readonly<Record<string, unknown>>;

/**
 * Runs a bundle. It takes from outside what is Node's (making that a `require` takes node:module, which loads that of ES
 * modules), and files beside it with what is loaded only on demand, which in turn take from it what both need.
 */
function mainOf(script: Script, path: string): Main {
  const folder = dirname(path);
  const loaded = new Map<string, Exports>();
  const load = (file: string, code: Script): Exports => {
    const module = { exports: {} };
    loaded.set(`./${file}`, module.exports);
    const run = code.runInThisContext() as (...args: unknown[]) => void;
    run.call(module.exports, module.exports, take, module, join(folder, file), folder);
    return module.exports;
  };
  const take = (name: string): unknown =>
    name.startsWith('./')
      ? (loaded.get(name) ?? load(name.slice(2), scriptOf(join(folder, name), null)))
      : process.getBuiltinModule(name);
  return load(basename(path), script)['main'] as Main;
}

function scriptOf(path: string, known: Compiled | null): Script {
  const source = readFileSync(path, 'latin1');
  return new Script(source, { filename: path, ...(known === null ? {} : { cachedData: known.code }) });
}
