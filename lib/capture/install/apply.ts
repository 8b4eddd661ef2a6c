import { chmod, mkdir, readFile, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runGit } from '../../git/process/runner.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { makeFolder, readRegularFile, removeFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import { type Place, placeOf } from '../place.ts';
import { pruneRegistry } from '../registry.ts';
import { withoutHooks } from './agents/index.ts';
import type { FileChange, Installed } from './installed.ts';
import { hookPlace, type InstallPlan, isTracked, type PlannedFile } from './plan.ts';
import { relocated } from './relocated.ts';
import { ARMED_HOOKS, SCRIPT_MARK, STANDING_HOOKS } from './scripts/names.ts';

/** What was done to one file or setting, for people. */
export interface Done {
  readonly path: string;
  readonly did: 'made' | 'changed' | 'removed' | 'restored' | 'kept';
  readonly what: readonly string[];
}

/** What `init` did in this clone, in the places it has now; null where it never ran. */
export async function loadInstalled(place: Place): Promise<Installed | null> {
  const bytes = await readRegularFile(place.installed, 64 * 1024 * 1024);
  return bytes === null ? null : relocated(JSON.parse(bytes.toString('utf8')) as Installed, place);
}

/** Carries a plan out. What is already so is left alone and not listed. */
export async function applyInstall(
  repo: Repository,
  plan: InstallPlan,
  installed: Installed | null,
): Promise<Done[]> {
  const place = placeOf(repo);
  for (const folder of [
    place.spool,
    place.active,
    place.deferred,
    place.sessions,
    place.txns,
    place.bin,
    place.seen,
    place.rewritten,
    join(place.dir, 'pending'),
  ]) {
    await makeFolder(folder);
  }
  const changes = new Map((installed?.changes ?? []).map((change) => [change.path, change]));
  const done: Done[] = [];
  for (const file of plan.files) await applyFile(file, changes, done);
  await applySettings(repo, plan, changes, done);
  for (const path of plan.kept) done.push({ path, did: 'kept', what: ['was there already'] });
  const { hooksDir, mode, paths, agents } = plan;
  if (installed?.mode === 'direct' && mode === 'forward') await removeDirectHooks(installed, done);
  const all = [...new Set([...(installed?.agents ?? []), ...agents])];
  await writeFileAtomically(
    place.installed,
    JSON.stringify({
      version: 1,
      hooksDir,
      mode,
      paths,
      agents: all,
      changes: [...changes.values()],
    } satisfies Installed),
    false,
  );
  return done;
}

/** Undoes what `init` did: byte for byte where nobody changed a file since, by taking out just our part where somebody did. */
export async function removeInstall(repo: Repository, installed: Installed): Promise<Done[]> {
  const place = placeOf(repo);
  const done: Done[] = [];
  for (const change of [...installed.changes].reverse()) await undoFile(repo, change, done);
  for (const name of ARMED_HOOKS) await removeIfOurs(join(installed.hooksDir, name), done);
  await unlink(place.installed);
  for (const folder of [
    place.hooks,
    place.bin,
    place.spool,
    place.active,
    place.deferred,
    place.txns,
    place.sessions,
    place.rewritten,
    join(place.unpacked, 'held'),
    place.unpacked,
    join(place.dir, 'erasing'),
    join(place.dir, 'pending'),
  ]) {
    // A folder with records or texts in it stays: they are the user's.
    await rmdir(folder).catch(() => undefined);
  }
  // What the hooks leave each other to go by: nothing in it is a record, or the only copy of anything.
  const signs = [
    'git-version',
    'lock',
    'open',
    'people',
    'people.taken',
    'unclaimed',
    'swept.json',
    'existing.lock',
    'sync.lock',
    'erasing.lock',
    'wiped',
    'picked',
    'rewriting.lock',
    'tips.json',
    'packing.lock',
  ];
  for (const file of signs) await removeFile(join(place.dir, file));
  await rm(place.seen, { recursive: true, force: true });
  // Keys whose wrapped copies are stored.
  await rm(place.payloadKeys, { recursive: true, force: true });
  // Copies of what is in the ledger.
  await rm(join(place.dir, 'bound'), { recursive: true, force: true });
  await pruneRegistry(process.env, Date.now(), place.dir);
  await rmdir(place.dir).catch(() => undefined);
  return done;
}

/** What lies in the user's folder is called from ours now: hooks of our own that stayed there would run twice. */
async function removeDirectHooks({ hooksDir }: Installed, done: Done[]): Promise<void> {
  for (const name of [...STANDING_HOOKS, ...ARMED_HOOKS]) {
    const path = join(hooksDir, name);
    const content = await readFile(path, 'utf8').catch(() => '');
    if (content.includes(`\n${SCRIPT_MARK} `)) await removeIfOurs(path, done);
  }
}

async function applyFile(file: PlannedFile, changes: Map<string, FileChange>, done: Done[]): Promise<void> {
  const before = await readFile(file.path).catch(() => null);
  if (before?.toString('utf8') === file.content) return;
  const folder = await mkdir(dirname(file.path), { recursive: true });
  // A team's file is never written over, nor through what was put in its place meanwhile.
  await writeFile(file.path, file.content, { flag: file.kind === 'team' ? 'wx' : 'w' });
  if (file.executable) await chmod(file.path, 0o755);
  noteChange(changes, {
    path: file.path,
    before,
    after: file.content,
    what: file.what,
    kind: file.kind === 'exclude' ? 'config' : file.kind,
    ...(file.agent === undefined ? {} : { agent: file.agent }),
    ...(folder === undefined ? {} : { folder }),
  });
  done.push({ path: file.path, did: before === null ? 'made' : 'changed', what: file.what });
}

async function applySettings(
  repo: Repository,
  plan: InstallPlan,
  changes: Map<string, FileChange>,
  done: Done[],
): Promise<void> {
  const path = join(repo.commonDir, 'config');
  const before = await readFile(path);
  for (const { key, value, add } of plan.settings)
    await runGit(repo, { args: ['config', '--local', ...(add ? ['--add'] : []), key, value] });
  const after = await readFile(path);
  if (after.equals(before)) return;
  const what = plan.settings.map(({ key, value }) => `${key}=${value}`);
  noteChange(changes, { path, before, after: after.toString('utf8'), what, kind: 'config' });
  done.push({ path, did: 'changed', what });
}

/** The first `before` is kept over several runs: uninit goes back to what was there before any of them. */
function noteChange(
  changes: Map<string, FileChange>,
  change: Omit<FileChange, 'before'> & { before: Buffer | null },
): void {
  const known = changes.get(change.path);
  const before = known ? known.before : (change.before?.toString('base64') ?? null);
  const what = [...new Set([...(known?.what ?? []), ...change.what])];
  const folder = known?.folder ?? change.folder;
  changes.set(change.path, { ...change, before, what, ...(folder === undefined ? {} : { folder }) });
}

async function undoFile(repo: Repository, change: FileChange, done: Done[]): Promise<void> {
  const now = await readFile(change.path).catch(() => null);
  if (now === null) return;
  const untouched = now.toString('utf8') === change.after;
  if (change.kind === 'team' && (!untouched || (await isTracked(repo, change.path)))) {
    done.push({ path: change.path, did: 'kept', what: ['the team has it now'] });
  } else if (untouched && change.before === null) {
    await unlink(change.path);
    if (change.kind === 'settings' || change.kind === 'team') await removeFolders(change);
    done.push({ path: change.path, did: 'removed', what: change.what });
  } else if (untouched && change.before !== null) {
    await writeFile(change.path, Buffer.from(change.before, 'base64'));
    done.push({ path: change.path, did: 'restored', what: change.what });
  } else {
    await takeOut(repo, change, now.toString('utf8'), done);
  }
}

/** Takes away the folders that were made for a file, as far as nobody else put anything there. */
async function removeFolders({ path, folder }: FileChange): Promise<void> {
  if (folder === undefined) return;
  for (let dir = dirname(path); dir.length >= folder.length; dir = dirname(dir)) {
    const gone = await rmdir(dir).then(
      () => true,
      () => false,
    );
    if (!gone) return;
  }
}

/** Somebody changed the file after us: only what is ours is taken out of it. */
async function takeOut(repo: Repository, change: FileChange, now: string, done: Done[]): Promise<void> {
  if (change.kind === 'settings') {
    const rest = withoutHooks(change.agent ?? 'claude-code', hookPlace(repo, 'local'), change.path, now);
    await (rest === null ? unlink(change.path) : writeFile(change.path, rest));
    if (rest === null) await removeFolders(change);
  } else if (change.path.endsWith('exclude')) {
    await writeFile(
      change.path,
      now
        .split('\n')
        .filter((line) => !change.what.includes(line))
        .join('\n'),
    );
  } else if (change.kind === 'config') {
    for (const setting of change.what) await unsetSetting(repo, setting);
  } else {
    await removeIfOurs(change.path, done);
    return;
  }
  done.push({ path: change.path, did: 'changed', what: change.what });
}

async function unsetSetting(repo: Repository, setting: string): Promise<void> {
  const end = setting.indexOf('=');
  const [key, value] = [setting.slice(0, end), setting.slice(end + 1)];
  await runGit(repo, {
    args: ['config', '--local', '--fixed-value', '--unset-all', key, value],
    okCodes: [5],
  });
}

async function removeIfOurs(path: string, done: Done[]): Promise<void> {
  const content = await readFile(path, 'utf8').catch(() => null);
  if (content === null) return;
  if (!content.includes(`\n${SCRIPT_MARK} `)) {
    done.push({ path, did: 'kept', what: ['not ours any more'] });
    return;
  }
  await unlink(path);
  done.push({ path, did: 'removed', what: [path.split('/').at(-1) ?? ''] });
}
