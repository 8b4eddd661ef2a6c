import type { ChangedFile, Contributor } from '../../core/generated/execution-v1.types.ts';
import type { StagedChange } from '../../git/repository/index-diff.ts';
import { adapterNamed } from '../agents/index.ts';
import type { Place } from '../place.ts';
import type { SessionState } from '../session/session.ts';
import { recentSessions } from '../session/session-store.ts';
import { attributeAmong, type Evidence } from './attribute.ts';

const LOOKED_AT_MS = 14 * 24 * 60 * 60 * 1000;

/** Whose content the files of a commit are, and the other sessions that wrote some of them. */
export interface Authorship {
  readonly files: ChangedFile[];
  readonly contributors: Contributor[];
}

/** Looks at other sessions only when there is a file that the one at work did not write itself. */
export async function authorshipOf(
  changes: readonly StagedChange[],
  own: readonly Evidence[],
  { place, key, now }: { readonly place: Place; readonly key: string | null; readonly now: number },
): Promise<Authorship> {
  const open = changes.some((change) => attributeAmong(change, own, []).by !== 'agent');
  const others = open ? await recentSessions(place, now - LOOKED_AT_MS, key) : [];
  const found = changes.map((change) => ({ change, ...attributeAmong(change, own, others) }));
  const files = found.map(
    ({ change, by, other }): ChangedFile => ({
      ...change,
      by,
      ...(other === null ? {} : { sessionId: other.sessionId }),
    }),
  );
  const sessions = new Set(found.flatMap(({ other }) => (other === null ? [] : [other])));
  return { files, contributors: [...sessions].map(contributor) };
}

function contributor({ agent, version, sessionId, model, currentPrompt }: SessionState): Contributor {
  const provider = model === null ? null : (adapterNamed(agent)?.provider ?? null);
  return {
    name: agent,
    version,
    sessionId,
    model: { provider, name: model },
    task: currentPrompt === null ? null : { digest: currentPrompt.digest, size: currentPrompt.size },
  };
}
