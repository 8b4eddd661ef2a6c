/** First words of the plugin: a file that does not begin so is not ours to replace or remove. */
const PLUGIN_MARK = '// git-agent-log 1 opencode plugin:';

/** The one line that differs from clone to clone. */
const SPOOL_LINE = /^const SPOOL = .*$/m;

export function isOurPlugin(text: string): boolean {
  return text.startsWith(PLUGIN_MARK);
}

/** True for a plugin of this version, whichever spool script it hands events to. */
export function isCurrentPlugin(text: string): boolean {
  return text.replace(SPOOL_LINE, '') === opencodePlugin(null).replace(SPOOL_LINE, '');
}

/**
 * A plugin for opencode, which has no hooks that run commands: it hands what happens to the spool script, in order, and
 * waits for it no longer than a hook may take. `spool` is null where the script has to be found through git.
 */
export function opencodePlugin(spool: string | null): string {
  return `${PLUGIN_MARK} put here by \`git agent-log init\`, taken away by \`git agent-log uninit\`.
// Tells the repository's spool script what happens in a session. Where that script is gone, it does nothing.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const SPOOL = ${JSON.stringify(spool)};
const PATIENCE_MS = 10_000;
const SHELL = 'bash';

// Installed twice, here and in the home, only the copy that was loaded last speaks.
const speakers = (globalThis[Symbol.for('git-agent-log')] ??= new Map());

export const GitAgentLog = async ({ client, directory }) => {
  const spool = SPOOL ?? (await findSpool(directory));
  if (spool === null) return {};
  const me = {};
  speakers.set(directory, me);
  const silent = () => speakers.get(directory) !== me || !existsSync(spool);

  const sessions = new Map();
  const agents = new Map();
  const roots = new Set();
  const note = ({ id, parentID, version, time }) => sessions.set(id, { id, parentID, version, since: time?.created ?? 0 });

  const sessionOf = async (id) => {
    if (!sessions.has(id)) {
      const asked = client.session.get({ path: { id } }).catch(() => undefined);
      note({ ...(await Promise.race([asked, wait(2000)]))?.data, id });
    }
    return sessions.get(id);
  };

  // A sub-agent has a session of its own; what it does belongs to the one that began it all.
  const about = async (id) => {
    let root = await sessionOf(id);
    for (let depth = 0; root.parentID && depth < 20; depth++) root = await sessionOf(root.parentID);
    roots.add(root.id);
    const sub = root.id === id ? {} : { agent_id: id, agent_type: agents.get(id) };
    return { session_id: root.id, cwd: directory, ...sub, version: root.version };
  };

  let last = Promise.resolve();
  const inTurn = (job) => {
    last = last.then(job).catch(() => undefined);
    return last;
  };
  const tell = (event, id, fields, mode) => {
    if (silent()) return last;
    const named = { hook_event_name: 'opencode.' + event };
    return inTurn(async () => deliver(spool, directory, { ...named, ...(await about(id)), ...fields }, mode));
  };

  const told = new Set();
  const once = (key) => {
    if (told.size > 10_000) told.clear();
    return !told.has(key) && told.add(key);
  };
  // A fork brings copies of older messages along: they were told in the session they come from.
  const isNew = (id, time) => !(time < sessions.get(id)?.since);

  const onPart = (part, time) => {
    const { sessionID: id, state } = part;
    if (part.type === 'text' && part.time?.end && !part.synthetic && isNew(id, part.time.end) && once(part.id))
      tell('answer', id, { id: part.messageID, text: part.text });
    if (part.type === 'tool' && state.status === 'error' && isNew(id, time) && once(part.id)) {
      const call = { tool_use_id: part.callID, tool_name: part.tool, args: state.input, output: state.error };
      tell('tool.error', id, call, part.tool === SHELL ? 'look' : undefined);
    }
  };

  const onMessage = ({ id, sessionID, role, time, tokens, modelID, providerID }) => {
    if (role === 'assistant' && time.completed && isNew(sessionID, time.completed) && once(id))
      tell('answer', sessionID, { id, tokens, model: modelID, provider: providerID });
  };

  return guarded({
    event: async ({ event: { type, properties } }) => {
      if (type === 'session.created' || type === 'session.updated') note(properties.info);
      if (type === 'session.created' && !properties.info.parentID)
        tell('session.created', properties.info.id, { title: properties.info.title }, 'look');
      if (type === 'message.part.updated') onPart(properties.part, properties.time);
      if (type === 'message.updated') onMessage(properties.info);
      if (type === 'session.idle') tell('idle', properties.sessionID, {}, 'stop');
    },
    'chat.message': async ({ sessionID }, { message, parts }) => {
      const text = parts.filter((part) => part.type === 'text' && !part.synthetic).map((part) => part.text);
      const { providerID: provider, modelID: model } = message.model ?? {};
      const file = parts.filter(({ url }) => url?.startsWith('file://')).map(({ url }) => fileURLToPath(url));
      agents.set(sessionID, message.agent);
      if (file.length > 0) tell('context', sessionID, { file });
      const said = { id: message.id, text: asTyped(text.join('\\n')), model, provider };
      await tell('prompt', sessionID, said, 'look');
    },
    'experimental.chat.system.transform': async ({ sessionID }, { system }) => {
      const all = system.join('\\n').matchAll(/^Instructions from: (\\/.+)$/gm);
      const instructions = [...all].map((match) => match[1]).filter((path) => once(sessionID + path));
      if (sessionID && instructions.length > 0) tell('context', sessionID, { instructions });
    },
    'tool.execute.before': async ({ sessionID, callID, tool }, { args }) => {
      const call = { tool_use_id: callID, tool_name: tool, args };
      await tell('tool.before', sessionID, call, tool === SHELL ? 'look' : undefined);
    },
    'tool.execute.after': async ({ sessionID, callID, tool, args }, { output, metadata }) => {
      const call = { tool_use_id: callID, tool_name: tool, args, output, metadata };
      await tell('tool.after', sessionID, call, tool === SHELL ? 'look' : undefined);
    },
    // What git's own hooks know the session by.
    'shell.env': async ({ sessionID }, output) => {
      if (!sessionID || silent()) return;
      await inTurn(async () => {
        output.env.AGENT_LOG_OPENCODE_SESSION = (await about(sessionID)).session_id;
      });
    },
    dispose: () => {
      for (const id of roots) tell('end', id, {}, 'stop');
      return last;
    },
  });
};

// What goes wrong in a plugin fails the tool that is running: that must never happen because of a record.
function guarded(hooks) {
  const guard = (hook) => async (...args) => {
    try {
      await hook(...args);
    } catch {
      // The record names the gap: the call has no end, or the session no prompt.
    }
  };
  return Object.fromEntries(Object.entries(hooks).map(([name, hook]) => [name, guard(hook)]));
}

// Null outside a repository: nothing to tell there.
async function findSpool(directory) {
  let found = '';
  await finished('git', ['rev-parse', '--git-common-dir'], directory, (child) => {
    child.stdin.end();
    child.stdout.on('data', (piece) => (found += piece));
  });
  return found === '' ? null : resolve(directory, found.trim(), 'agent-log/bin/spool');
}

async function deliver(spool, directory, payload, mode) {
  const args = mode ? ['opencode', mode] : ['opencode'];
  await finished(spool, args, directory, (child) => {
    child.stdout.resume();
    child.stdin.end(JSON.stringify(payload));
  });
}

function finished(program, args, cwd, use) {
  return new Promise((done) => {
    const child = spawn(program, args, { cwd, stdio: ['pipe', 'pipe', 'ignore'] });
    const timer = setTimeout(() => child.kill(), PATIENCE_MS);
    const end = () => {
      clearTimeout(timer);
      done();
    };
    child.on('error', end);
    child.on('close', end);
    child.stdin.on('error', () => undefined);
    use(child);
  });
}

// \`opencode run\` puts a prompt of several words in quotes before anybody sees it.
function asTyped(text) {
  if (!text.startsWith('"') || !text.endsWith('"')) return text;
  const typed = text.slice(1, -1).replaceAll('\\\\"', '"');
  return process.argv.includes(typed) ? typed : text;
}

function wait(ms) {
  return new Promise((done) => setTimeout(done, ms).unref());
}
`;
}
