import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AGENT, callHook } from './claude.mjs';
import { interleave, row, time } from './measure.mjs';
import { makeFolder, makeRepo, PROGRAM, removeFolder, run } from './place.mjs';

const MODULES = 20;

/**
 * `replay --mode calls` of a session of ten tool calls, start to end as a program, in units of the time the same calls
 * take by themselves: a shell for each command, no agent, no hooks. A real agent's own tools take longer than that.
 */
export async function replayCalls({ quick }) {
  const rounds = quick ? 3 : 15;
  const root = makeFolder();
  const repo = makeRepo(root, 'repo');
  for (const [path, content] of Object.entries(filesBefore())) put(repo, path, content);
  repo.git('add', '-A');
  repo.git('commit', '-q', '-m', 'Begin');
  const base = repo.git('rev-parse', 'HEAD');
  run(process.execPath, [PROGRAM, 'init'], { cwd: repo.dir, env: repo.env });
  repo.git('config', 'agentLog.level', 'full');
  await recordSession(root, repo);
  const recorded = repo.git('rev-parse', 'HEAD');
  const args = [PROGRAM, 'replay', recorded, '--mode', 'calls', '--dry-run', '--json'];
  const [replayed] = JSON.parse(run(process.execPath, args, { cwd: repo.dir, env: repo.env })).replays;
  if (replayed.verdict !== 'identical') throw new Error(`not identical: ${JSON.stringify(replayed)}`);
  const plain = { ...repo, env: { ...repo.env, ...WITHOUT_HOOKS } };
  const ms = await interleave(rounds, {
    calls: () => {
      repo.git('reset', '-q', '--hard', base);
      return callsOf(plain).reduce((sum, call) => sum + timed(call), 0);
    },
    replay: () => time(process.execPath, args, { cwd: repo.dir, env: repo.env }),
    node: () => time(process.execPath, ['-e', ''], { cwd: root, env: repo.env }),
  });
  removeFolder(root);
  const floor = { floor: 'the calls alone', floorMs: ms.calls, rounds };
  return [
    row('replay of ten calls', { ...floor, ms: ms.replay, goal: 1.5 }),
    row('  what it adds to them', {
      floor: 'empty node',
      floorMs: ms.node,
      ms: ms.replay - ms.calls,
      rounds,
    }),
  ];
}

const WITHOUT_HOOKS = {
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'core.hooksPath',
  GIT_CONFIG_VALUE_0: '/dev/null',
};

/** A small library of modules, each with a test. */
function filesBefore() {
  const modules = Array.from({ length: MODULES }, (_, n) => [
    [`src/part-${n}.mjs`, `export const add${n} = (a) => a - ${n};\n`],
    [
      `test/part-${n}.test.mjs`,
      `import assert from 'node:assert';\nimport { test } from 'node:test';\nimport { add${n} } from '../src/part-${n}.mjs';\ntest('adds', () => assert.equal(add${n}(1), ${n + 1}));\n`,
    ],
  ]);
  return { ...Object.fromEntries(modules.flat()), 'notes.md': '# Notes\n' };
}

function put(repo, path, content) {
  mkdirSync(dirname(join(repo.dir, path)), { recursive: true });
  writeFileSync(join(repo.dir, path), content);
}

/** Each call does its work and gives what the tool answers. */
function callsOf(repo) {
  const at = (path) => join(repo.dir, path);
  const shell = (command) => ({
    name: 'Bash',
    input: { command },
    work: () => ({
      stdout: run('/bin/bash', ['-c', command], { cwd: repo.dir, env: repo.env }),
      stderr: '',
      interrupted: false,
    }),
  });
  const read = (path) => ({
    name: 'Read',
    input: { file_path: at(path) },
    work: () => ({ type: 'text', file: { filePath: at(path), content: readFileSync(at(path), 'utf8') } }),
  });
  const edit = (path, before, after) => ({
    name: 'Edit',
    input: { file_path: at(path), old_string: before, new_string: after },
    work: () => {
      writeFileSync(at(path), readFileSync(at(path), 'utf8').replace(before, after));
      return { filePath: at(path) };
    },
  });
  const write = (path, content) => ({
    name: 'Write',
    input: { file_path: at(path), content },
    work: () => {
      put(repo, path, content);
      return { type: 'create', filePath: at(path), content };
    },
  });
  return [
    read('src/part-0.mjs'),
    shell('ls src && cat test/part-0.test.mjs'),
    edit('src/part-0.mjs', 'a - 0', 'a + 0'),
    write('src/product.mjs', 'export const product = (a, b) => a * b;\n'),
    shell("sed -i 's/a - /a + /' src/part-*.mjs && cat src/part-1.mjs"),
    read('notes.md'),
    edit('notes.md', '# Notes', '# Notes\n\nThey add.'),
    shell('git diff --stat'),
    shell('node --test --test-reporter=tap test/ | grep -E "^# (pass|fail)"'),
    shell('git add -A && git commit -q -m "Add, where it took away"'),
  ];
}

function timed({ work }) {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

async function recordSession(root, repo) {
  const env = { ...repo.env, ...AGENT };
  const transcript = join(root, 'transcript.jsonl');
  const fire = (event, look, fields) =>
    callHook(repo, env, root, {
      look,
      payload: {
        session_id: AGENT.CLAUDE_CODE_SESSION_ID,
        transcript_path: transcript,
        cwd: repo.dir,
        hook_event_name: event,
        ...fields,
      },
    });
  fire('SessionStart', true, { source: 'startup' });
  fire('UserPromptSubmit', true, { prompt: 'Make them add.', prompt_id: 'p1' });
  for (const [n, { name, input, work }] of callsOf({ ...repo, env }).entries()) {
    const call = { tool_name: name, tool_input: input, tool_use_id: `toolu_${n}` };
    const isShell = name === 'Bash';
    if (isShell) fire('PreToolUse', true, call);
    const begin = performance.now();
    const response = work();
    fire('PostToolUse', isShell, {
      ...call,
      tool_response: response,
      duration_ms: Math.round(performance.now() - begin),
    });
  }
  fire('Stop', false, { stop_hook_active: false });
  const waiting = ['pending', 'unpacked'].map((name) => join(repo.dir, '.git', 'agent-log', name));
  run(process.execPath, [PROGRAM, 'list'], { cwd: repo.dir, env: repo.env });
  while (waiting.some((folder) => existsSync(folder) && readdirSync(folder).length > 0)) await sleep(20);
}
