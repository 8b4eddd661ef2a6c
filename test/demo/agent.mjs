// A scripted coding agent. It does what a real one does around a commit, and nothing else: it fires the hooks that
// `git agent-log init` put into its settings, changes files, and runs git. It knows nothing of git-agent-log.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SESSION = 'demo-session-1';
const MODEL = 'scripted-model-1';
const cwd = process.cwd();
const transcript = join(process.env.HOME, 'transcript.jsonl');
const env = { ...process.env, CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: SESSION };
const { hooks } = JSON.parse(readFileSync(join(cwd, '.claude', 'settings.local.json'), 'utf8'));
let calls = 0;

await fire('SessionStart', { source: 'startup' });
await fire('UserPromptSubmit', {
  prompt: 'Add a greeting module with a test, and pin left-pad so that the build stays reproducible.',
  prompt_id: 'prompt-1',
});
await read('README.md');
await write('greet.mjs', 'export const greet = (name) => `Hello, ${name}!`;\n');
await commit('Add a greeting', 'I add the module the task asks for.');
await write(
  'greet.test.mjs',
  "import { greet } from './greet.mjs';\nif (greet('you') !== 'Hello, you!') process.exit(1);\n",
);
await shell('node greet.test.mjs', 'I check that it works before I commit it.');
await commit('Test the greeting', 'The test passes, so I commit it.');
await shell(`printf '{"dependencies":{"left-pad":"1.3.0"}}\\n' > package.json`, 'I pin the dependency.');
await commit('Pin left-pad', 'The dependency is pinned to one version.');
await fire('Stop', { last_assistant_message: 'Done: a greeting, its test, and a pinned dependency.' });
await fire('SessionEnd', { reason: 'other' });

async function read(path) {
  const content = readFileSync(join(cwd, path), 'utf8');
  const lines = content.split('\n').length;
  const file = { filePath: join(cwd, path), content, startLine: 1, numLines: lines, totalLines: lines };
  await call('Read', { file_path: join(cwd, path) }, () => ({ type: 'text', file }), 'I read what is there.');
}

async function write(path, content) {
  const input = { file_path: join(cwd, path), content };
  await call(
    'Write',
    input,
    () => (writeFileSync(input.file_path, content), { type: 'create', filePath: input.file_path, content }),
  );
}

async function shell(command, why) {
  await call(
    'Bash',
    { command },
    () => {
      const { stdout, status } = spawnSync('/bin/sh', ['-c', command], { cwd, env, encoding: 'utf8' });
      if (status !== 0) throw new Error(`the agent's command failed: ${command}`);
      return { stdout, stderr: '', interrupted: false };
    },
    why,
  );
}

async function commit(subject, why) {
  await shell(`git add -A && git commit -q -m "${subject}"`, why);
}

async function call(tool, input, work, why) {
  const id = `toolu_demo_${++calls}`;
  remember(id, tool, input, why);
  await fire('PreToolUse', { tool_name: tool, tool_input: input, tool_use_id: id });
  const response = work();
  await fire('PostToolUse', {
    tool_name: tool,
    tool_input: input,
    tool_response: response,
    tool_use_id: id,
    duration_ms: 5,
  });
}

/** The transcript a client keeps: where the model, the usage and the agent's own words come from. */
function remember(id, tool, input, why) {
  const usage = {
    input_tokens: 1200,
    output_tokens: 80,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
  };
  const text = why === undefined ? [] : [{ type: 'text', text: why }];
  const message = {
    id: `msg_${calls}`,
    role: 'assistant',
    model: MODEL,
    content: [...text, { type: 'tool_use', id, name: tool, input }],
    usage,
  };
  writeFileSync(
    transcript,
    `${JSON.stringify({ type: 'assistant', sessionId: SESSION, version: '2.1.330', message })}\n`,
    { flag: 'a' },
  );
}

/** Runs the hooks of an event as the client does: the command of every matching entry, the payload on its stdin. */
async function fire(event, fields) {
  const payload = JSON.stringify({
    session_id: SESSION,
    transcript_path: transcript,
    cwd,
    hook_event_name: event,
    ...fields,
  });
  for (const { matcher, hooks: commands } of hooks[event] ?? []) {
    if (matcher !== undefined && !new RegExp(matcher).test(fields.tool_name ?? '')) continue;
    for (const { command } of commands) await run(command, payload);
  }
}

function run(command, input) {
  const child = spawn('/bin/sh', ['-c', command], { cwd, env, stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', resolve));
}
