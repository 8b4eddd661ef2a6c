import { parseTxnMap } from '../../../dist/capture/adopt/txn-map.js';
import { messageBody } from '../../../dist/capture/commit/message.js';
import { hooksOf, INSTALLABLE_AGENTS } from '../../../dist/capture/install/agents/index.js';
import { parseTips } from '../../../dist/capture/rewound/tips.js';
import { parsePairs, parsePicks } from '../../../dist/capture/rewritten/kept.js';
import { parseSnapshot } from '../../../dist/capture/session/snapshot.js';
import { stateFromJson, stateToJson } from '../../../dist/capture/session/state-json.js';
import { parsePayload } from '../../../dist/capture/spool/spool.js';
import { expectCleanPrototype, fixtureFiles, holds, payloadsIn, texts } from './tools.mjs';

const OID = '1'.repeat(40);
const SPOOL = '/repo/.git/agent-log/bin/spool';
const place = (scope) => ({ scope, top: '/repo', home: '/home/user', env: {} });

/** One for each agent whose hooks can be installed: settings with our hooks put in and taken out are what they were. */
const settings = INSTALLABLE_AGENTS.map((agent) => ({
  name: `settings:${agent}`,
  seeds: async () => {
    const own = ['local', 'shared'].flatMap((scope) =>
      hooksOf(agent)
        .files(place(scope))
        .map(({ withHooks }) => withHooks(null, null)),
    );
    return texts(
      '{}',
      '{"version":1,"hooks":{"stop":[{"command":"./mine.sh"}]}}',
      '{"hooks":{"PostToolUse":[{"matcher":"Bash","hooks":[{"type":"command","command":"x"}]}]},"model":"m"}',
      ...own,
    );
  },
  run(bytes) {
    const text = bytes.toString('utf8');
    for (const { withHooks, withoutHooks, missing } of hooksOf(agent).files(place('local'))) {
      const before = withoutHooks(text) ?? '';
      const installed = withHooks(before === '' ? null : before, SPOOL);
      holds(missing(installed).length === 0, 'what was put in is found');
      holds(withHooks(installed, SPOOL) === installed, 'putting in twice is putting in once');
      holds(same(withoutHooks(installed), before), 'what was put in can be taken out');
    }
    expectCleanPrototype();
  },
}));

/** Equal but for what says nothing: empty lists of hooks, and the version a file of nothing but hooks begins with. */
function same(after, before) {
  return JSON.stringify(essence(after ?? '')) === JSON.stringify(essence(before));
}

function essence(text) {
  if (text.trim() === '' || !text.trimStart().startsWith('{')) return null;
  const value = JSON.parse(text);
  const lists = (hooks) =>
    Object.entries(hooks).filter(([, list]) => !(Array.isArray(list) && list.length === 0));
  const entries = Object.entries(value).map(([key, item]) => [key, key === 'hooks' ? lists(item) : item]);
  const kept = entries.filter(
    ([key, item]) => !(key === 'hooks' && item.length === 0) && !(key === 'version' && item === 1),
  );
  return kept.length === 0 ? null : kept.sort(([a], [b]) => (a < b ? -1 : 1));
}

export const captureTargets = [
  ...settings,
  {
    name: 'capture:txn-map',
    seeds: async () => texts(`{"first":["${OID}","HEAD~2"],"second":["main"]}`, '{"__proto__":["a"]}', '{}'),
    run(bytes) {
      parseTxnMap(bytes.toString('utf8'));
      expectCleanPrototype();
    },
  },
  {
    name: 'capture:payload',
    seeds: async () => [
      ...(await fixtureFiles('claude-code', /\.json$/)).flatMap(payloadsIn),
      ...(await fixtureFiles('windsurf', /\.json$/)).flatMap(payloadsIn),
      ...texts('{"a":"b\n\tc\u0001"}', '{"a":"\\"\n"}'),
    ],
    run(bytes) {
      const text = bytes.toString('utf8');
      const payload = parsePayload(text);
      holds(
        payload === null || (typeof payload === 'object' && !Array.isArray(payload)),
        'a payload is an object',
      );
      expectCleanPrototype();
    },
  },
  {
    name: 'capture:snapshot',
    seeds: async () =>
      texts(
        `top /r\n# branch.oid ${OID}\n# branch.head main\n? a\n1 .M N... 100644 100644 100644 ${OID} ${OID} "b\\303\\244"\nu UU N... 1 2 3 4 ${OID} ${OID} ${OID} c\nhashes\n${OID}\n`,
        'top /r\n# branch.oid (initial)\n# branch.head (detached)\nhashes\n',
      ),
    run(bytes) {
      const { files, cut } = parseSnapshot(bytes.toString('utf8'));
      holds(typeof cut === 'boolean', 'a list is cut or not');
      for (const blob of files.values()) holds(blob === null || typeof blob === 'string', 'a blob is an id');
    },
  },
  {
    name: 'capture:state-json',
    seeds: async () =>
      texts(
        '{"a":{"#map":[["k",[1,2]],["__proto__",null]]},"b":[{"#map":[]}]}',
        '{"#map":[[{"#map":[]},1]]}',
      ),
    run(bytes) {
      let written;
      try {
        written = stateToJson(stateFromJson(bytes.toString('utf8')));
      } catch (error) {
        return holds(
          error instanceof SyntaxError || /call stack/.test(String(error)),
          `text that is no state says so: ${String(error).slice(0, 80)}`,
        );
      }
      holds(stateToJson(stateFromJson(written)) === written, 'a state is the same when read again');
      return expectCleanPrototype();
    },
  },
  {
    name: 'capture:rewritten',
    seeds: async () =>
      texts(
        `${OID} ${'2'.repeat(40)}\n`,
        `${OID} ${'2'.repeat(40)} pick /repo\n${OID} none rebase /repo\n`,
        JSON.stringify({ tips: [['refs/heads/main', OID]], left: [OID] }),
      ),
    run(bytes) {
      const text = bytes.toString('utf8');
      const picks = parsePicks(text);
      const state = parseTips(text);
      const ids = [
        ...parsePairs(text).flatMap(({ from, to }) => [from, to]),
        ...picks.flatMap(({ from, onto }) => (onto === 'none' ? [from] : [from, onto])),
        ...(state === null ? [] : [...state.tips.values(), ...state.left]),
      ];
      holds(
        ids.every((id) => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id)),
        'nothing but an id becomes a revision',
      );
      holds(
        picks.every(({ top }) => top.startsWith('/')),
        'a worktree is an absolute folder',
      );
      expectCleanPrototype();
    },
  },
  {
    name: 'capture:message',
    seeds: async () =>
      texts(
        'Subject\n\n# comment\n# ------------------------ >8 ------------------------\ndiff\n',
        '; x\n',
        '\n\n',
      ),
    run(bytes) {
      const message = bytes.toString('utf8');
      for (const char of ['#', ';'])
        for (const editor of [true, false])
          holds(
            messageBody(message, char, editor).length <= message.length,
            'a body is a part of its message',
          );
    },
  },
];
