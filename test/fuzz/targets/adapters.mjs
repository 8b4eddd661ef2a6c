import { relative, resolve } from 'node:path';
import { mapTexts } from '../../../dist/capture/agents/events.js';
import { ADAPTERS } from '../../../dist/capture/agents/index.js';
import { nameCall, noCallNames } from '../../../dist/capture/session/call-names.js';
import { foldEvent } from '../../../dist/capture/session/fold.js';
import { newSession } from '../../../dist/capture/session/session.js';
import { stateFromJson, stateToJson } from '../../../dist/capture/session/state-json.js';
import { withoutRepeats } from '../../../dist/capture/spool/dedupe.js';
import { parsePayload } from '../../../dist/capture/spool/spool.js';
import { expectCleanPrototype, fixtureFiles, holds, payloadsIn } from './tools.mjs';

const KINDS = new Set(['start', 'prompt', 'call-start', 'call-end', 'context', 'answer', 'stop', 'end']);
const CONTEXT = {
  format: 'sha1',
  pathInRepository(path, cwd) {
    const inside = relative('/repo', resolve(cwd ?? '/repo', path));
    return inside.startsWith('..') || inside === '' ? null : inside;
  },
};

/** One for each adapter there is, so that a new one is fuzzed without a line here. */
export const adapterTargets = ADAPTERS.filter(hasCalls).map((adapter) => ({
  name: `adapter:${adapter.name}`,
  seeds: async () => (await fixtureFiles(adapter.name, /\.json$/)).flatMap(payloadsIn),
  run(bytes) {
    const payload = parsePayload(bytes.toString('utf8'));
    if (payload === null) return;
    for (const seen of [null, adapter.name])
      adapter.recognises(payload, { installedFor: adapter.name, seen });
    const event = adapter.parse(payload, 1_000, CONTEXT);
    if (event === null) return;
    expectTame(adapter, event);
    expectFoldable(event);
    expectCleanPrototype();
  },
}));

/** False for an agent without hooks, of which only its own file tells. */
function hasCalls({ provides }) {
  return provides.callIds !== 'none';
}

/** What goes into a record as it is has to be short, in one line, and about this repository. */
function expectTame(adapter, event) {
  holds(event.agent === adapter.name, "an event is its adapter's");
  holds(KINDS.has(event.what.kind), 'an event is of a known kind');
  const { what } = event;
  const labels = [
    event.sessionId,
    event.model,
    event.version,
    event.subagent?.id,
    event.subagent?.type,
    what.callId,
    what.tool,
    what.id,
  ];
  for (const label of labels)
    holds(
      label === undefined ||
        (typeof label === 'string' && /^[^\u0000-\u001f\u007f-\u009f]{0,250}$/.test(label)),
      `a label is short and in one line: ${JSON.stringify(label)?.slice(0, 80)}`,
    );
  for (const { path } of what.writes ?? [])
    holds(!path.startsWith('/') && !path.startsWith('..'), 'a written path is inside');
  for (const { kind, uri } of [...(what.retrieved ?? []), ...(what.items ?? []), ...(what.attached ?? [])])
    holds(uri === undefined || (kind !== 'outside' && uri.length <= 70_000), 'what lies outside is a text');
  if (what.durationMs !== undefined)
    holds(what.durationMs >= 0 && Number.isFinite(what.durationMs), 'a duration is a number');
}

/** Told twice, it counts once; and a session that took it in is what it was after it was written down. */
function expectFoldable(event) {
  const { fresh } = withoutRepeats(
    [],
    [
      { route: 'a', event },
      { route: 'b', event },
    ],
  );
  holds(fresh.length === 1, 'an event by two routes is one');
  const state = newSession('key', event.agent, event.sessionId);
  const names = noCallNames();
  for (const one of [event, event])
    foldEvent(
      state,
      mapTexts(nameCall(names, one), (text) => ({ digest: `hmac-sha256:${text.length}`, size: text.length })),
    );
  const again = stateToJson(stateFromJson(stateToJson(state)));
  holds(again === stateToJson(state), 'a session is the same when read again');
}
