import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { AdapterContext, AgentAdapter, AgentEvent } from '../../lib/capture/agents/events.ts';
import type { Payload } from '../../lib/capture/agents/payload.ts';
import { blobId } from '../../lib/core/digest.ts';

/** A repository at /repo. */
export const CONTEXT: AdapterContext = {
  format: 'sha1',
  pathInRepository: (path, cwd) => {
    const inside = relative('/repo', resolve(cwd ?? '/repo', path));
    return inside.startsWith('..') ? null : inside;
  },
};

export function blobOf(text: string): string {
  return blobId(Buffer.from(text), 'sha1');
}

/** The payloads of an agent, by name, as its documentation gives them. */
export function payloadsOf(agent: string): (name: string) => Payload {
  const file = fileURLToPath(new URL(`../fixtures/${agent}/payloads.json`, import.meta.url));
  const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Payload>;
  return (name) => {
    const payload = all[name];
    if (payload === undefined) throw new Error(`no fixture ${agent}/${name}`);
    return payload;
  };
}

export function parserOf(adapter: AgentAdapter): (payload: Payload) => AgentEvent | null {
  return (payload) => adapter.parse(payload, 1000, CONTEXT);
}

/**
 * Whatever the fields hold, an adapter gives an event or none: no throw, ids short and without control characters, and
 * nothing that reached into the prototype of every object.
 */
export function expectTame(adapter: AgentAdapter, fixed: Payload, words: readonly string[]): void {
  const key = fc.oneof(
    fc.constantFrom(...words),
    fc.constantFrom('__proto__', 'constructor', 'toString'),
    fc.string(),
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(...words, '/repo/f', '../..', '\u0000', 'x'.repeat(500)),
      fc.jsonValue({ maxDepth: 2 }),
      fc.dictionary(key, tie('any'), { maxKeys: 5 }),
      fc.array(tie('any'), { maxLength: 4 }),
    ),
  })).any;
  const payload = fc
    .dictionary(key, value, { maxKeys: 12 })
    .map((fields) => JSON.parse(JSON.stringify({ ...fields, ...fixed })) as Payload);
  const events = fc.constantFrom(...words);
  fc.assert(
    fc.property(payload, events, fc.constantFrom(...Object.keys(fixed)), (fields, word, name) => {
      const event = parserOf(adapter)({ ...fields, [name]: word });
      if (event === null) return;
      expect(event.agent).toBe(adapter.name);
      const ids = [
        event.sessionId,
        event.model ?? '',
        event.subagent?.id ?? '',
        'callId' in event.what ? event.what.callId : '',
      ];
      for (const id of ids) expect(id).toMatch(/^[^\u0000-\u001f\u007f]{0,200}$/);
      expect(Object.prototype).not.toHaveProperty('polluted');
    }),
    { numRuns: 300 },
  );
}
