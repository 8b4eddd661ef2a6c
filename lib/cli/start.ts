import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

/** How a run ended. */
export interface Ended {
  readonly code: number;
  /** What was done to its end, as `codeName` names it; null when something kept it from that. */
  readonly did: string | null;
}

/** Null when the program has to do it instead. */
type Main = (argv: readonly string[]) => Promise<Ended | null>;

/**
 * Starts the program, or what hooks run of it, from its bundle, with what V8 compiled of it when the same command last ran. That lies in a folder
 * beside the bundle: whoever may write there may write the bundle too. Where it is missing, of another Node, or
 * damaged, everything is compiled anew, and kept if that folder can be written. (V8 looks at Node's version, its flags
 * and the length of the source. It does not look for damage, and would crash on it; a digest would take loading
 * node:crypto, which takes longer than all the rest.)
 */
export async function start(folder: string, argv: readonly string[]): Promise<void> {
  const bundles = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Bundles;
  const isHook = argv[0] === 'hook';
  const first = bundles[bundleFor(argv)];
  const { code } = (await run(folder, first, argv)) ??
    (await run(folder, bundles.main, argv)) ?? { code: 255 };
  // Everything is said and synced: a git process that only has to end must not keep anybody waiting. A hook says nothing
  // on stdout that is not written yet, and has no time to load it.
  if (isHook) process.exit(code);
  process.stdout.write('', () => process.exit(code));
}

async function run(folder: string, file: string, argv: readonly string[]): Promise<Ended | null> {
  const path = join(folder, file);
  const compiled = (name: string): string =>
    join(folder, 'compiled', `${file.slice(0, -4)}.${name}.${process.version}-${process.arch}`);
  const known = readWhole(compiled(codeName(argv)));
  const script = new Script(readFileSync(path, 'latin1'), {
    filename: path,
    ...(known === null ? {} : { cachedData: known }),
  });
  const ended = await mainOf(script, path)(argv);
  const did = ended?.did ?? null;
  if (did !== null && (known === null || script.cachedDataRejected === true))
    keep(compiled(did), script.createCachedData());
  return ended;
}

/** The bundles beside `start.cjs`: what a commit waits for, what other hooks run, what `show` mostly does, and everything. */
type Bundles = Readonly<Record<'seal' | 'hook' | 'show' | 'main', string>>;

function bundleFor([command, hook = '']: readonly string[]): keyof Bundles {
  if (command === 'hook') return WAITED_FOR.has(hook) ? 'seal' : 'hook';
  return command === 'show' ? 'show' : 'main';
}

const WAITED_FOR: ReadonlySet<string> = new Set(['prepare-commit-msg', 'commit-msg', 'unsealed']);

/** Commands differ in what they run of the program: one name for each. */
export function codeName(argv: readonly string[]): string {
  const words = argv[0] === 'hook' ? argv.slice(0, 2) : argv.slice(0, 1);
  return words.join('-').replaceAll(/[^a-z-]/g, '');
}

function mainOf(script: Script, path: string): Main {
  const module = { exports: {} as { main: Main } };
  const run = script.runInThisContext() as (...args: unknown[]) => void;
  run.call(module.exports, module.exports, builtin, module, path, dirname(path));
  return module.exports.main;
}

/** A bundle takes nothing from outside but what is Node's. Making it a `require` takes node:module, which loads that of ES modules. */
function builtin(name: string): unknown {
  return process.getBuiltinModule(name);
}

/** What was kept, if every byte of it is still as it was written: it is there twice, the same. */
function readWhole(path: string): Buffer | null {
  try {
    const bytes = readFileSync(path);
    const code = bytes.subarray(0, bytes.length / 2);
    return code.length > 0 && code.equals(bytes.subarray(bytes.length / 2)) ? code : null;
  } catch {
    return null;
  }
}

function keep(path: string, code: Buffer): void {
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileSync(temporary, Buffer.concat([code, code]), { mode: 0o644, flag: 'wx' });
    renameSync(temporary, path);
  } catch {
    // Installed for all users, most likely: then it starts a little slower.
  }
}
