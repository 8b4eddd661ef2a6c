import { createHash } from 'node:crypto';
import { redactTexts } from '../../core/records/redact.ts';
import type { SourceDocument, SourceSession } from './source.ts';

/** Names, ids and sentences of a document that would stand in a record as they are: secrets are taken out first. */
export async function cleanDocument(document: SourceDocument): Promise<SourceDocument> {
  const labels = new Set<string>();
  mapLabels(document, (label) => {
    labels.add(label);
    return label;
  });
  const all = [...labels];
  const redacted = await redactTexts(all);
  const clean = new Map(all.map((label, i) => [label, redacted[i]?.text ?? '']));
  return mapLabels(document, (label) => clean.get(label) ?? '');
}

function mapLabels(document: SourceDocument, map: (label: string) => string): SourceDocument {
  return {
    format: document.format === null ? null : map(document.format),
    toolVersion: document.toolVersion === null ? null : map(document.toolVersion),
    sessions: document.sessions.map((session) => mapSession(session, map)),
    unread: document.unread.map(({ field, count }) => ({ field: map(field), count })),
    problems: document.problems.map(({ code, detail }) => ({ code, detail: map(detail) })),
  };
}

function mapSession(session: SourceSession, map: (label: string) => string): SourceSession {
  const maybe = (label: string | null): string | null => (label === null ? null : map(label));
  const { agent, model } = session;
  return {
    ...session,
    id: distinct(session.id, map),
    session: session.session === null ? null : distinct(session.session, map),
    agent: { name: maybe(agent.name), version: maybe(agent.version) },
    model: { provider: maybe(model.provider), name: maybe(model.name) },
    author: maybe(session.author),
    texts: session.texts.map((text) => (text.name === undefined ? text : { ...text, name: map(text.name) })),
    gaps: session.gaps.map(map),
  };
}

/** Ids tell things apart, so two that are no longer readable must not become one. */
function distinct(id: string, map: (label: string) => string): string {
  return map(id) === id ? id : `sha256:${createHash('sha256').update(id).digest('hex')}`;
}
