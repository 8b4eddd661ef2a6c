import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AgentEvent, type EventKind, mapTexts } from '../../../lib/capture/agents/events.ts';
import { nameCall, noCallNames } from '../../../lib/capture/session/call-names.ts';
import { foldEvent } from '../../../lib/capture/session/fold.ts';
import { newSession, type SessionState } from '../../../lib/capture/session/session.ts';
import { type Delivered, withoutRepeats } from '../../../lib/capture/spool/dedupe.ts';
import { textDigest } from '../../../lib/core/digest.ts';
import { NOW } from '../../support/records.ts';

const at = (stamp: number, what: EventKind<string>, fields: Partial<AgentEvent> = {}): AgentEvent => ({
  at: NOW + stamp,
  stamp: NOW + stamp,
  agent: 'copilot-cli',
  sessionId: 's',
  cwd: '/repo',
  what,
  ...fields,
});
const start = (args: string, callId = ''): EventKind<string> => ({
  kind: 'call-start',
  callId,
  tool: 'bash',
  args,
  shell: false,
});
const end = (args: string, callId = ''): EventKind<string> => ({
  kind: 'call-end',
  callId,
  tool: 'bash',
  args,
  result: 'done',
  status: 'ok',
  shell: false,
  writes: [],
  retrieved: [],
});
const by = (route: string, event: AgentEvent): Delivered => ({ route, event });
const told = (...arrived: Delivered[]): AgentEvent[] =>
  withoutRepeats([], arrived).fresh.map(({ event }) => event);

describe('withoutRepeats', () => {
  it('takes an event by two routes for one, and a command run twice for two', () => {
    const first = at(1, start('ls'));
    const again = at(9, start('ls'));
    expect(told(by('a', first), by('b', first), by('b', again), by('a', again))).toEqual([first, again]);
    const sameMoment = [at(1, start('ls')), at(1, start('ls'))];
    expect(told(...sameMoment.map((one) => by('a', one)), ...sameMoment.map((one) => by('b', one)))).toEqual(
      sameMoment,
    );
  });

  it('trusts an id of the event more than the route', () => {
    expect(told(by('a', at(1, start('ls', 'c1'))), by('a', at(1, start('ls', 'c1'))))).toHaveLength(1);
    expect(told(by('a', at(1, start('ls', 'c1'))), by('b', at(1, start('ls', 'c2'))))).toHaveLength(2);
  });

  it('tells sub-agents apart', () => {
    const other = at(1, start('ls'), { subagent: { id: 'child' } });
    expect(told(by('a', at(1, start('ls'))), by('b', other))).toHaveLength(2);
  });

  it('does not take an event without a stamp for one of long ago', () => {
    const { stamp: _, ...first } = at(0, { kind: 'prompt', text: 'go on', byUser: true });
    expect(told(by('a', first), by('b', { ...first, at: NOW + 61_000 }))).toHaveLength(2);
    expect(told(by('a', first), by('b', { ...first, at: NOW + 59_000 }))).toHaveLength(1);
  });

  it('keeps the look at the worktree that only one of them took', () => {
    const look = { top: '/repo', head: null, branch: 'main', files: new Map(), cut: false };
    const [kept] = told(by('a', at(1, start('ls'))), by('b', at(1, start('ls'), { snapshot: look })));
    expect(kept?.snapshot).toBe(look);
  });

  it('remembers between two readings of the spool, and not for ever', () => {
    const many = Array.from({ length: 700 }, (_, i) => by('a', at(i, start(`${i}`))));
    const { occurrences } = withoutRepeats([], many);
    expect(occurrences).toHaveLength(500);
    expect(withoutRepeats(occurrences, [by('b', at(699, start('699')))]).fresh).toEqual([]);
  });
});

describe('nameCall', () => {
  const names = (...events: AgentEvent[]): string[] => {
    const state = noCallNames();
    return events.map((event) => {
      const { what } = nameCall(state, event);
      return 'callId' in what ? what.callId : '';
    });
  };

  it('pairs an end with the oldest beginning of the same content', () => {
    expect(
      names(
        at(1, start('a')),
        at(1, start('b')),
        at(1, start('a')),
        at(2, end('b')),
        at(3, end('a')),
        at(4, end('a')),
      ),
    ).toEqual([
      `bash-${NOW + 1}`,
      `bash-${NOW + 1}-2`,
      `bash-${NOW + 1}-3`,
      `bash-${NOW + 1}-2`,
      `bash-${NOW + 1}`,
      `bash-${NOW + 1}-3`,
    ]);
  });

  it('does not take the end of a later call for that of one that never ended', () => {
    const stop = at(5, { kind: 'stop' });
    expect(names(at(1, start('a')), stop, at(6, start('a')), at(7, end('a')))).toEqual([
      `bash-${NOW + 1}`,
      '',
      `bash-${NOW + 6}`,
      `bash-${NOW + 6}`,
    ]);
  });

  it('does not pair the end of a command that was denied first and allowed when asked again', () => {
    const again = (args: string): EventKind<string> =>
      ({ ...start(args), endsEarlier: true }) as EventKind<string>;
    expect(names(at(1, again('a')), at(1, again('a')), at(6, again('a')), at(7, end('a')))).toEqual([
      `bash-${NOW + 1}`,
      `bash-${NOW + 1}-2`,
      `bash-${NOW + 6}`,
      `bash-${NOW + 6}`,
    ]);
  });

  it('keeps loops apart, leaves ids alone and holds no argument', () => {
    const child = { subagent: { id: 'child' } };
    expect(names(at(1, start('secret')), at(2, end('secret'), child), at(3, end('x', 'own')))).toEqual([
      `bash-${NOW + 1}`,
      `bash-${NOW + 2}`,
      'own',
    ]);
  });
});

/** What ingest does with what it found in the spool, one reading after the other. */
function session(readings: readonly (readonly Delivered[])[]): SessionState {
  const state = newSession('key', 'copilot-cli', 's');
  for (const reading of readings) {
    const { fresh, occurrences } = withoutRepeats(state.told ?? [], reading);
    state.told = occurrences;
    for (const { event } of fresh) fold(state, event);
  }
  return state;
}

/** The same with nothing told twice, and nobody looking whether it was. */
function plain(events: readonly AgentEvent[]): SessionState {
  const state = newSession('key', 'copilot-cli', 's');
  for (const event of events) fold(state, event);
  return state;
}

function fold(state: SessionState, event: AgentEvent): void {
  const named = nameCall(state.callNames ?? noCallNames(), event);
  foldEvent(
    state,
    mapTexts(named, (text) => ({ digest: textDigest(Buffer.alloc(32), text), size: text.length })),
  );
}

/** A session as it went: turns of calls, some at the same moment, some with ids of their own. */
const happened = fc
  .array(
    fc.record({
      args: fc.constantFrom('ls', 'git commit'),
      id: fc.option(fc.uuid(), { nil: '' }),
      twice: fc.boolean(),
      ends: fc.boolean(),
      child: fc.boolean(),
      turnEnds: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map((calls) =>
    calls.reduce<AgentEvent[]>(
      (events, { args, id, twice, ends, child, turnEnds }, i) => {
        const who = child ? { subagent: { id: 'child' } } : {};
        const both = twice && id === '' ? [0, 1] : [0];
        return [
          ...events,
          ...both.map(() => at(10 * i + 1, start(args, id), who)),
          ...(ends ? both.map(() => at(10 * i + 2, end(args, id), who)) : []),
          ...(turnEnds
            ? [
                at(10 * i + 3, { kind: 'stop' }),
                at(10 * i + 4, { kind: 'prompt', text: 'more', byUser: true }),
              ]
            : []),
        ];
      },
      [at(-2, { kind: 'start', source: 'new' }), at(-1, { kind: 'prompt', text: 'do it', byUser: true })],
    ),
  );

/** Deliveries of the same events by several routes: each keeps its order, nothing else is sure. */
function interleave(events: readonly AgentEvent[], routes: number, picks: readonly number[]): Delivered[] {
  const queues = Array.from({ length: routes }, (_, route) =>
    events.map((event) => by(`route ${route}`, event)),
  );
  const merged: Delivered[] = [];
  for (let i = 0; queues.some((queue) => queue.length > 0); i++) {
    const left = queues.filter((queue) => queue.length > 0);
    const next = left[(picks[i % picks.length] ?? 0) % left.length]?.shift();
    if (next !== undefined) merged.push(next);
  }
  return merged;
}

function cut<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}

const memory = ({ told: _told, ...state }: SessionState): unknown => state;

it('folds any interleaving of repeated deliveries to the session of a single one', () => {
  fc.assert(
    fc.property(
      happened,
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      (events, routes, picks, size) => {
        const once = plain(events);
        const often = session(cut(interleave(events, routes, picks), size));
        expect(memory(often)).toEqual(memory(once));
      },
    ),
    { numRuns: 400 },
  );
});
