import { addUsage } from '../../core/records/usage.ts';
import type { LineCounts, SourceBulk, SourceFile, SourceSession, SourceUsage } from './source.ts';

/** One session's part in one commit, from everything that tells of it. */
export interface MergedSession extends Omit<SourceSession, 'id'> {
  readonly ids: readonly string[];
}

/**
 * Puts together what several sources tell of one session's part in one commit, as after a squash. Of two that call
 * themselves the same the first counts.
 */
export function mergeSessions(sessions: readonly SourceSession[]): MergedSession {
  const parts = [
    ...new Map([...sessions].reverse().map((session) => [session.id, session])).values(),
  ].reverse();
  const [first, ...rest] = parts.map((part): MergedSession => ({ ...part, ids: [part.id] }));
  if (first === undefined) throw new RangeError('nothing to merge');
  return rest.reduce(mergeTwo, first);
}

function mergeTwo(a: MergedSession, b: MergedSession): MergedSession {
  const models = distinct([a.model.name, b.model.name]);
  const agents = distinct([a.agent.name, b.agent.name]);
  return {
    ids: [...a.ids, ...b.ids],
    agent: { name: a.agent.name ?? b.agent.name, version: a.agent.version ?? b.agent.version },
    session: a.session,
    model: models.length > 1 ? { provider: null, name: null } : a.model.name === null ? b.model : a.model,
    author: a.author ?? b.author,
    at: earliest(a.at, b.at),
    step: a.step === null || b.step === null ? (a.step ?? b.step) : Math.max(a.step, b.step),
    files: mergeFiles([...a.files, ...b.files]),
    counts: sums([...a.counts, ...b.counts]),
    usage: mergeUsage(a.usage, b.usage),
    texts: [...a.texts, ...b.texts],
    bulk: mergeBulk([...a.bulk, ...b.bulk]),
    gaps: [
      ...new Set([
        ...a.gaps,
        ...b.gaps,
        ...(agents.length > 1 ? [`several agents: ${agents.join(', ')}`] : []),
        ...(models.length > 1 ? [`several models: ${models.join(', ')}`] : []),
      ]),
    ],
  };
}

function distinct(names: readonly (string | null)[]): string[] {
  return [...new Set(names.filter((name) => name !== null))];
}

function earliest(a: string | null, b: string | null): string | null {
  return a === null || b === null ? (a ?? b) : a < b ? a : b;
}

function sums<K extends string>(entries: readonly (readonly [K, number])[]): Map<K, number> {
  const sum = new Map<K, number>();
  for (const [name, count] of entries) sum.set(name, (sum.get(name) ?? 0) + count);
  return sum;
}

function mergeFiles(files: readonly SourceFile[]): SourceFile[] {
  const lines = new Map<string, [keyof LineCounts, number][]>();
  for (const file of files) {
    const counts = Object.entries(file.lines) as [keyof LineCounts, number][];
    lines.set(file.path, [...(lines.get(file.path) ?? []), ...counts]);
  }
  return [...lines].map(([path, counts]) => ({ path, lines: Object.fromEntries(sums(counts)) }));
}

function mergeUsage(a: SourceUsage | null, b: SourceUsage | null): SourceUsage | null {
  if (a === null || b === null) return a ?? b;
  if (a.cumulative || b.cumulative) return a.tokens.outputTokens > b.tokens.outputTokens ? a : b;
  return { cumulative: false, tokens: addUsage(a.tokens, b.tokens) };
}

function mergeBulk(bulk: readonly SourceBulk[]): SourceBulk[] {
  const found = new Map<SourceBulk['kind'], SourceBulk>();
  for (const one of bulk) {
    const known = found.get(one.kind) ?? { kind: one.kind, count: 0, size: 0 };
    found.set(one.kind, { ...known, count: known.count + one.count, size: known.size + one.size });
  }
  return [...found.values()];
}
