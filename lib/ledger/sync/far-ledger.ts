import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import { isLanding, isReadable } from '../../core/records/record.ts';
import { farAddress, unreachable } from '../../git/far/address.ts';
import {
  FAR_LIMITS,
  type FarLimits,
  type FarNaming,
  type FarRefs,
  type FarSource,
} from '../../git/far/source.ts';
import type { Far } from '../../git/process/runner.ts';
import { runGit } from '../../git/process/runner.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { LEDGER_REF, type Ledger, openLedger, readNote } from '../ledger.ts';

export interface FarOptions {
  /** A revision or transaction somebody asks for; null: the whole ledger. */
  readonly name: string | null;
  readonly limits?: FarLimits;
  /** Told how many bytes have come. */
  readonly onBytes?: (bytes: number) => void;
  /** False: as if there were no git. */
  readonly useGit?: boolean;
}

/** The ledger of a repository far away, and as much of its history as an answer takes. Close it when done. */
export interface FarLedger {
  readonly ledger: Ledger;
  /** What was asked for, as it is called here. */
  readonly name: string | null;
  readonly bytes: () => number;
  readonly close: () => Promise<void>;
}

/**
 * Reads a repository over smart HTTP, into a folder that goes when it is closed, or without git into memory. Nothing of this
 * machine's repositories is read or written. Throws BAD_ARGUMENT, UNREACHABLE.
 */
export async function openFarLedger(address: string, options: FarOptions): Promise<FarLedger> {
  const { name, limits = FAR_LIMITS, onBytes = () => undefined, useGit = await hasGit() } = options;
  const where = farAddress(address);
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'agent-log-far-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    // Each is loaded only where it is used.
    const source = useGit
      ? (await import('../../git/far/with-git.ts')).openWithGit(where, folder, limits, onBytes)
      : await (await import('../../git/far/without-git.ts')).openWithoutGit(where, limits, onBytes);
    const refs = await source.refs();
    if (refs.byName.size === 0) throw unreachable(where, 'it has no branches, or is no git repository');
    const here = new Here(folder, source, refs);
    const ledger = openLedger(here.repository);
    const known = await fetchFor(here, ledger, name);
    return {
      ledger: known.ledger,
      name: known.name,
      bytes: source.bytes,
      close: () => {
        known.ledger.close();
        return remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function hasGit(): Promise<boolean> {
  try {
    await runGit({ cwd: tmpdir(), foreign: true }, { args: ['--version'] });
    return true;
  } catch (error) {
    if (error instanceof AgentLogError && error.code === 'GIT_FAILED') return false;
    throw error;
  }
}

/** What was fetched, under the names a clone would have for it. */
class Here {
  readonly repository: Repository;
  readonly refs: FarRefs;
  readonly #names = new Map<string, string>();
  readonly #source: FarSource;
  readonly #folder: string;
  #history: Promise<void> | null = null;

  constructor(folder: string, source: FarSource, refs: FarRefs) {
    this.#folder = folder;
    this.#source = source;
    this.refs = refs;
    const naming: FarNaming = { byName: this.#names, history: () => this.history() };
    const { run } = source;
    const far: Far = {
      openReader: () => source.openReader(naming),
      run: run === null ? null : (call) => run(call, naming),
    };
    const oid = [...refs.byName.values()][0] ?? '';
    this.repository = {
      cwd: folder,
      gitDir: folder,
      commonDir: folder,
      top: null,
      foreign: true,
      format: oid.length === 64 ? 'sha256' : 'sha1',
      far,
    };
  }

  async fetchLedger(): Promise<void> {
    const tip = this.refs.byName.get(LEDGER_REF);
    if (tip === undefined) return;
    await this.#source.fetch({ wants: [tip], depth: 1, filter: null });
    await this.#call([[LEDGER_REF, tip]]);
  }

  /** Some commits, their parents and the default branch's tip, without the content of files. */
  async fetchCommits(oids: readonly string[]): Promise<void> {
    const tip = this.refs.byName.get('HEAD');
    const wants = [...new Set([...oids, ...(tip === undefined ? [] : [tip])])];
    await this.#source.fetch({ wants, depth: 2, filter: 'blob:none' });
    await this.#call(this.#ownBranch());
  }

  /** Every commit of branches and tags, and nothing of what is in them. */
  history(): Promise<void> {
    this.#history ??= this.#fetchHistory();
    return this.#history;
  }

  async #fetchHistory(): Promise<void> {
    const tips = [...this.refs.byName].filter(([name]) => /^refs\/(heads|tags)\//.test(name));
    const wants = [...new Set(tips.map(([, oid]) => oid))];
    if (wants.length > 0) await this.#source.fetch({ wants, depth: null, filter: 'tree:0' });
    const branches = tips.map(
      ([name, oid]) => [name.replace(/^refs\/heads\//, 'refs/remotes/origin/'), oid] as const,
    );
    await this.#call([...branches, ...this.#ownBranch()]);
  }

  #ownBranch(): [string, string][] {
    const { head, byName } = this.refs;
    const tip = head === null ? undefined : byName.get(head);
    if (head === null || tip === undefined) return [];
    return [
      ['HEAD', tip],
      [head, tip],
      [head.replace(/^refs\/heads\//, 'refs/remotes/origin/'), tip],
    ];
  }

  /** Names things as a clone would: in memory, and in the files that git and this program read. */
  async #call(names: readonly (readonly [string, string])[]): Promise<void> {
    for (const [name, oid] of names) this.#names.set(name, oid);
    const packed = [...this.#names].filter(([name]) => name !== 'HEAD').sort(([a], [b]) => (a < b ? -1 : 1));
    const lines = packed.map(([name, oid]) => `${oid} ${name}\n`);
    await writeFile(join(this.#folder, 'packed-refs'), `# pack-refs with: sorted \n${lines.join('')}`);
    const { head } = this.refs;
    if (head === null || !this.#names.has(head)) return;
    await writeFile(join(this.#folder, 'HEAD'), `ref: ${head}\n`);
    const theirs = join(this.#folder, 'refs', 'remotes', 'origin', 'HEAD');
    await mkdir(dirname(theirs), { recursive: true });
    await writeFile(theirs, `ref: ${head.replace(/^refs\/heads\//, 'refs/remotes/origin/')}\n`);
  }
}

/** Fetches what an answer takes: little for a commit that can be named, the whole history's commits for anything else. */
async function fetchFor(
  here: Here,
  ledger: Ledger,
  name: string | null,
): Promise<{ readonly ledger: Ledger; readonly name: string | null }> {
  await here.fetchLedger();
  const oid = name === null ? null : commitNamed(here.refs, name);
  if (oid !== null && (await isFetched(here, oid)) && !(await wentElsewhere(ledger, oid)))
    return { ledger: again(here, ledger), name: oid };
  await here.history();
  return { ledger: again(here, ledger), name: oid ?? name };
}

/** A reader may know only what was there when it began. */
function again(here: Here, ledger: Ledger): Ledger {
  ledger.close();
  return openLedger(here.repository);
}

function commitNamed({ byName }: FarRefs, name: string): string | null {
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name)) return name;
  for (const place of ['', 'refs/', 'refs/tags/', 'refs/heads/']) {
    const oid = byName.get(place + name);
    if (oid !== undefined) return oid;
  }
  return null;
}

/** A commit that no branch leads to is not given out by every server: what the ledger says of it can be told all the same. */
async function isFetched(here: Here, oid: string): Promise<boolean> {
  try {
    await here.fetchCommits([oid]);
    return true;
  } catch (error) {
    if ([...here.refs.byName.values()].includes(oid) || !(error instanceof AgentLogError)) throw error;
    if (error.code !== 'UNREACHABLE') throw error;
    return false;
  }
}

/** Whether other commits have to be looked at to say what became of this one. */
async function wentElsewhere(ledger: Ledger, oid: string): Promise<boolean> {
  const note = await readNote(ledger, oid);
  return note?.lines.some((line) => isReadable(line) && isLanding(line)) === true;
}
