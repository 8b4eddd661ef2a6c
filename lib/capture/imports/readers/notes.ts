import { recordDigest } from '../../../core/digest.ts';
import { listRefs } from '../../../git/refs/refs.ts';
import { trailerSession } from '../../../identity/agents/sessions.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { listForeignNotes } from '../../../ledger/reading/foreign-notes.ts';
import { parseGitAi } from '../git-ai.ts';
import { parseGitvow } from '../gitvow.ts';
import { MAX_SOURCE_BYTES } from '../json.ts';
import { type ParsedSource, problem } from '../source.ts';
import { parseWhogitit } from '../whogitit.ts';
import { messagesWith } from './messages.ts';
import type { FoundSources, ImportProblem, ReaderContext, SourcePlace, SourceReader } from './reader.ts';

/** A tool that keeps its records as notes. */
interface NoteFormat {
  /** Prefixes of its refs, the one that counts most first. */
  readonly refs: readonly string[];
  /** Refs below those that hold something else. */
  readonly except: readonly string[];
  /** Several refs hold the same notes: of a commit's the first counts. */
  readonly oneNote: boolean;
  /** The name of a ref in every clone. */
  readonly nameOf: (ref: string) => string;
  /** The trailer its commits have besides the note; null when there is none. */
  readonly trailer: string | null;
  readonly parse: (source: Uint8Array) => ParsedSource;
}

export type NoteFormatName = 'git-ai' | 'whogitit' | 'gitvow';

const FORMATS: Readonly<Record<NoteFormatName, NoteFormat>> = {
  'git-ai': {
    refs: ['refs/notes/ai', 'refs/notes/ai-remote/'],
    except: [],
    oneNote: true,
    nameOf: (ref) => (ref.startsWith('refs/notes/ai-remote/') ? 'refs/notes/ai' : ref),
    trailer: null,
    parse: parseGitAi,
  },
  whogitit: {
    refs: ['refs/notes/whogitit', 'refs/notes/ai-blame'],
    except: [],
    oneNote: true,
    nameOf: (ref) => ref,
    trailer: 'AI-Session',
    parse: parseWhogitit,
  },
  gitvow: {
    refs: ['refs/notes/gitvow/', 'refs/notes/sessions'],
    except: ['refs/notes/gitvow/rules', 'refs/notes/gitvow/outcomes'],
    oneNote: false,
    nameOf: (ref) => ref,
    trailer: 'Gitvow-Session',
    parse: parseGitvow,
  },
};

/** Reads a tool's notes. */
export function noteReader(name: NoteFormatName, { ledger, source }: ReaderContext): SourceReader {
  const format = FORMATS[name];
  return {
    async list() {
      const found = await listRefs(ledger.repo, ...(source === null ? format.refs : [source]));
      const refs = found.map((ref) => ref.name).filter((ref) => !format.except.includes(ref));
      refs.sort((a, b) => rankOf(format, a) - rankOf(format, b) || (a < b ? -1 : 1));
      const notes = await notesOf(format, refs, (ref) => listForeignNotes(ledger.repo, ref));
      const without = await commitsWithout(ledger, name, format.trailer, notes.places);
      return { ...notes, problems: [...notes.problems, ...without] };
    },
    async read(place) {
      const object = await ledger.reader.read(place.address);
      if (object?.type !== 'blob') return problem('missing', 'the note is not in this clone');
      return { ...format.parse(object.content), digest: recordDigest(object.content) };
    },
  };
}

function rankOf({ refs }: NoteFormat, ref: string): number {
  return refs.findIndex((name) => (name.endsWith('/') ? ref.startsWith(name) : ref === name));
}

async function notesOf(
  format: NoteFormat,
  refs: readonly string[],
  list: (ref: string) => ReturnType<typeof listForeignNotes>,
): Promise<FoundSources> {
  const places: SourcePlace[] = [];
  const problems: ImportProblem[] = [];
  const taken = new Map<string, { ref: string; blobs: Set<string> }>();
  for (const ref of refs) {
    for (const { object, blob, size } of await list(ref)) {
      const before = taken.get(object);
      if (before?.blobs.has(blob)) continue;
      const at = { commit: object, ref };
      if (size > MAX_SOURCE_BYTES) problems.push({ ...at, code: 'too-large', detail: `${size} bytes` });
      else if (format.oneNote && before !== undefined && before.ref !== ref)
        problems.push({
          ...at,
          code: 'second-note',
          detail: `${before.ref} has another note of this commit`,
        });
      else {
        places.push({ commit: object, ref: format.nameOf(ref), address: blob, byName: false, gaps: [] });
        taken.set(object, { ref: before?.ref ?? ref, blobs: (before?.blobs ?? new Set()).add(blob) });
      }
    }
  }
  return { places, problems };
}

/** Commits whose message names a session, and whose note is not here: nobody fetched it, or it was never pushed. */
async function commitsWithout(
  ledger: Ledger,
  name: NoteFormatName,
  trailer: string | null,
  places: readonly SourcePlace[],
): Promise<ImportProblem[]> {
  if (trailer === null) return [];
  const noted = new Set(places.map(({ commit }) => commit));
  const named = await messagesWith(ledger.repo, `${trailer}:`);
  return named.flatMap(({ commit, message }) => {
    const session = trailerSession(message);
    if (session?.format !== name || noted.has(commit)) return [];
    const detail = `the message names session ${session.unit.slice(0, 80)}, and there is no note`;
    return [{ commit, ref: null, code: 'missing' as const, detail }];
  });
}
