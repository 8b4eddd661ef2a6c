import { type GitPlace, runGit } from '../../git/process/runner.ts';
import { type Signal, toolOfNotes } from './marks.ts';

const REFS_AT_ONCE = 4;

/** Notes of agents' tools (ours too), by the object each is on. Only refs that are there cost a process. */
export async function foreignNotes(place: GitPlace): Promise<Map<string, Signal[]>> {
  const found = new Map<string, Signal[]>();
  const refs = await noteRefs(place);
  for (let at = 0; at < refs.length; at += REFS_AT_ONCE) {
    const part = refs.slice(at, at + REFS_AT_ONCE);
    const listed = await Promise.all(part.map(({ ref, only }) => notedObjects(place, ref, only)));
    for (const [i, objects] of listed.entries()) {
      const { agent = '', ref = '' } = part[i] ?? {};
      const signal: Signal = { agent, kind: 'note', seen: ref.slice(0, 120) };
      for (const object of objects) addTo(found, object, signal);
    }
  }
  return found;
}

function addTo(found: Map<string, Signal[]>, object: string, signal: Signal): void {
  const signals = found.get(object);
  if (signals === undefined) found.set(object, [signal]);
  else signals.push(signal);
}

interface NoteRef {
  readonly agent: string;
  readonly ref: string;
  /** Only notes that hold this text are the tool's: the ref is everybody's. */
  readonly only: string | null;
}

async function noteRefs(place: GitPlace): Promise<NoteRef[]> {
  const { stdout } = await runGit(place, {
    args: ['for-each-ref', '--format=%(refname)', 'refs/notes'],
  });
  return stdout
    .toString('utf8')
    .split('\n')
    .flatMap((ref) => {
      const tool = toolOfNotes(ref);
      return tool === null ? [] : [{ ref, ...tool }];
    });
}

async function notedObjects(place: GitPlace, ref: string, only: string | null): Promise<string[]> {
  const list = ['ls-tree', '-r', '-z', '--name-only', '--full-tree', ref];
  const search = ['grep', '-l', '-z', '-F', '--no-color', '--full-name', '-e', only ?? '', ref, '--', ':/'];
  const { stdout } = await runGit(place, { args: only === null ? list : search, okCodes: [1, 128] });
  const start = only === null ? 0 : ref.length + 1;
  return stdout
    .toString('utf8')
    .split('\0')
    .map((name) => name.slice(start).replaceAll('/', ''))
    .filter((object) => /^[0-9a-f]{40,64}$/.test(object));
}
