// A repository whose every commit has a known mark, or none: what `scan` should say of it is written down while it is made.
// usage: marked-history.mjs DIR COUNT   (DIR is a repository without a commit; prints what is expected as JSON)
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const JANE = 'Jane Doe <jane@example.com>';
const START = 1_735_689_600;
const github = (id, login) => `${login} <${id}+${login}@users.noreply.github.com>`;

/** Author addresses by agent, as the agents' own accounts have them. */
const AUTHORS = {
  'claude-code': [
    github(209825114, 'claude[bot]'),
    github(215619710, 'anthropic-claude[bot]'),
    github(208546643, 'claude-code-action[bot]'),
    'Claude <noreply@anthropic.com>',
  ],
  copilot: [
    'copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>',
    'Copilot <223556219+Copilot@users.noreply.github.com>',
    'Renamed <175728472+SomethingElse@users.noreply.github.com>',
    github(223894421, 'github-code-quality[bot]'),
    github(167198135, 'copilot[bot]'),
    'Copilot <copilot@github.com>',
  ],
  codex: [
    'Codex <noreply@openai.com>',
    'Codex <codex@openai.com>',
    github(199175422, 'chatgpt-codex-connector[bot]'),
    github(215057067, 'openai-codex[bot]'),
  ],
  cursor: ['Cursor Agent <cursoragent@cursor.com>', github(206951365, 'cursor[bot]')],
  devin: ['Devin AI <158243242+devin-ai-integration[bot]@users.noreply.github.com>'],
  amp: ['Amp <amp@ampcode.com>'],
  jules: [github(161369871, 'google-labs-jules[bot]')],
  gemini: [github(176961590, 'gemini-code-assist[bot]'), 'Gemini <gemini-cli-agent@google.com>'],
  'amazon-q': [github(208079219, 'amazon-q-developer[bot]'), 'Amazon Q <noreply@amazon.com>'],
  aider: [
    'Jane Doe (aider) <jane@example.com>',
    'aider (gpt-5) <aider@aider.chat>',
    'aider <noreply@aider.chat>',
    'aider <noreply@aider.dev>',
  ],
  opencode: ['opencode <noreply@opencode.ai>'],
  cline: ['Cline <noreply@cline.bot>', github(205137888, 'cline[bot]')],
  windsurf: ['Windsurf <noreply@codeium.com>'],
  pi: ['Pi <noreply@pi.dev>'],
  goose: ['Goose <opensource@block.xyz>'],
  continue: [github(230936708, 'continue[bot]')],
  cody: [github(201248094, 'sourcegraph-cody[bot]')],
  'jetbrains-ai': [github(220155983, 'jetbrains-ai[bot]')],
};

/** Lines that agents and the tools around them write into messages. */
const LINES = {
  'claude-code': [
    'Claude-Session: https://claude.ai/code/session_01abc',
    '🤖 Generated with [Claude Code](https://claude.com/claude-code)',
  ],
  copilot: ['Agent-Logs-Url: https://github.com/o/r/sessions/0b2c4d6e-0000-4000-8000-000000000000'],
  codex: ['Generated-by: OpenAI Codex'],
  cursor: ['Made-with: Cursor'],
  devin: ['Devin Session: https://app.devin.ai/sessions/1'],
  amp: ['Amp-Thread-ID: https://ampcode.com/threads/T-0b2c4d6e-0000-4000-8000-000000000000'],
  entire: [
    'Entire-Checkpoint: 0123456789ab',
    'Entire-Checkpoint: 01JD2M0Y5V9Z8K7Q3C4N6T1RWE\nEntire-Checkpoint: ba9876543210',
    'Entire-Metadata: .entire/metadata/x',
    'Entire-Metadata-Task: .entire/metadata/x/tasks/y',
    'Entire-Strategy: manual-commit',
    'Entire-Session: 2026-01-01-abc',
    'Entire-Condensation: abc',
    'Entire-Source-Ref: entire/abc1234-def456',
    'Entire-Agent: Claude Code',
    'Entire-Attribution: 73% agent (146/200 lines)',
  ],
  gitvow: ['Gitvow-Session: abc', 'Gitvow-Step: 3', 'Gitvow-Accepted: finding by Jane scope=all: because'],
  whogitit: ['AI-Session: abc', 'AI-Model: m-1', 'AI-Lines: 12', 'AI-Modified: 3'],
  'ai-trailers': ['AI-Tool: some-tool', 'AI-Prompt: do it'],
  replit: ['Replit-Commit-Author: Agent', 'Replit-Commit-Author: Assistant'],
  aittributor: ['Ai-assisted: true'],
  'assisted-by': ['Assisted-by: some-agent:some-model [tool]'],
  'git-agent-log': [`Agent-Record: sha256:${'a'.repeat(64)}`],
};

/** Ways a squash or a careless tool leaves a line in a message. */
const PLACES = [
  (line) => `Change\n\n${line}\n`,
  (line) => `Change\n\nMore text.\n\n${line}\nSigned-off-by: ${JANE}\n`,
  (line) => `Squash (#12)\n\n* One thing\n\n${line}\n\n* Another thing\n\nMore text.\n`,
  (line) =>
    `Squash (#13)\r\n\r\n* One thing\r\n\r\n  ${line.replaceAll('\n', '\r\n  ')}\r\n\r\n* Another\r\n`,
  (line) => `Squash\n\n* ${line.replaceAll('\n', '\n* ')}\n* Another thing\n`,
];

const NOTES = [
  ['git-ai', 'refs/notes/ai', 'a.txt\n  0123456789abcdef 1-3\n---\n{"schema_version":"authorship/3.0.0"}'],
  ['git-ai', 'refs/notes/ai-remote/origin', '---\n{"schema_version":"authorship/3.0.0"}'],
  ['gitvow', 'refs/notes/gitvow/session-1', 'gitvow-session\n{"schema":9}'],
  ['gitvow', 'refs/notes/sessions', 'gitvow-session\n{"schema":1}'],
  ['memento', 'refs/notes/commits', '# Git Memento Session\n\n- Provider: Claude\n'],
  ['memento', 'refs/notes/memento-full-audit', '# Git Memento Session\n'],
  ['whogitit', 'refs/notes/whogitit', '{"version":3}'],
  ['whogitit', 'refs/notes/ai-blame', '{"version":2}'],
  ['agentblame', 'refs/notes/agentblame', '{"version":2,"attributions":[]}'],
  ['cnotes', 'refs/notes/claude-conversations', '{"session_id":"x"}'],
  ['commitlore', 'refs/notes/commitlore', 'x'],
  ['agent-trace', 'refs/notes/agent-trace', '{"version":"0.1"}'],
];

const PREFIXES = ['codex', 'claude', 'copilot', 'cursor', 'devin', 'cline', 'aider', 'gemini'];
const COAUTHOR_KEYS = ['Co-authored-by', 'Co-Authored-By', 'co-authored-by'];

/** Every kind of commit: what it looks like, and what has to be said of it. */
export function kinds() {
  const all = [];
  const add = (authorship, agents, commit) => all.push({ authorship, agents, ...commit });
  const agent = (name, commit) => add('agent', [name], commit);
  let n = 0;
  for (const [name, people] of Object.entries(AUTHORS))
    for (const person of people) {
      agent(name, { author: person });
      agent(name, { committer: person });
      const key = COAUTHOR_KEYS[n++ % COAUTHOR_KEYS.length];
      for (const place of PLACES) agent(name, { message: place(`${key}: ${person}`) });
    }
  agent('claude-code', {
    message: 'Change\n\nCo-Authored-By: Claude Opus 4.6 (1M context) <noreply@anthropic.com>\n',
  });
  for (const [name, lines] of Object.entries(LINES))
    for (const line of lines) for (const place of PLACES) agent(name, { message: place(line) });
  agent('aider', { message: 'aider: Change\n' });
  agent('aider', { message: 'Squash (#14)\n\n* aider: Change\n* Mend\n' });
  for (const [name, ref, text] of NOTES) agent(name, { note: { ref, text } });
  for (const prefix of PREFIXES) {
    const hint = (message) => add('unknown', [prefix], { message });
    hint(`Merge branch '${prefix}/fix-1' into main\n`);
    hint(`Merge remote-tracking branch 'origin/${prefix}/fix-1'\n`);
    hint(`Merge pull request #4 from acme/${prefix}/fix-1\n\nA title\n`);
    hint(`Merge branch 'main' into ${prefix}/fix-1\n`);
    hint(`A title (#15)\n\n* Mend\n\n* Merge branch 'main' into ${prefix}/fix-1\n`);
    add('unknown', [prefix], { branch: `${prefix}/topic` });
  }
  add('unknown', ['bot'], { author: github(49699333, 'dependabot[bot]') });
  add('unknown', ['bot'], { author: github(136622811, 'coderabbitai[bot]') });
  for (const commit of FALSE_FRIENDS) add('human', [], commit);
  return all;
}

/** What looks like a mark and is none. */
const FALSE_FRIENDS = [
  {},
  { author: 'Claude Monet <claude@example.com>' },
  { author: 'Jane Doe <12345+Copilot@users.noreply.github.com>' },
  { message: 'Talk\n\nI asked Claude Code and Cursor. Co-authored-by is a trailer; Made-with is another.\n' },
  { message: 'Pair\n\nCo-authored-by: Max Muster <max@example.com>\n' },
  { message: 'Kernel\n\nAssisted-by: Max Muster\nAI: none\n' },
  { message: "Merge branch 'topic' into main\n" },
  { message: "Merge branch 'claudette/fix' of github.com:acme/claude\n" },
  { message: 'Change\n\nReplit-Commit-Author: Jane\n' },
  { message: 'Change\n\naider: what it is\n' },
  { note: { ref: 'refs/notes/commits', text: 'Reviewed by Jane\n' } },
  { note: { ref: 'refs/notes/gitvow/rules', text: 'gitvow-rule-decision\n' } },
  { note: { ref: 'refs/notes/review', text: 'fine\n' } },
];

const PATHS = [
  'package.json',
  '.github/workflows/ci.yml',
  'src/auth/login.ts',
  'Dockerfile',
  'docs/guide.md',
];

/**
 * Fills an empty repository with `count` commits, kinds in turn between plain ones. HEAD is detached on a merge of
 * everything, so that the agents' own branches are in the range and on no other branch. Gives what is expected, by commit.
 */
export function makeMarkedHistory(dir, count, env = process.env) {
  const root = mkdtempSync(join(tmpdir(), 'agent-log-marks-'));
  try {
    const [stream, marks] = [join(root, 'stream'), join(root, 'marks')];
    const { expected, branches } = writeStream(stream, count);
    git(dir, env, stream, 'fast-import', '--quiet', '--done', `--export-marks=${marks}`);
    git(dir, env, null, 'repack', '-adq');
    git(dir, env, null, 'pack-refs', '--all');
    const parents = ['refs/heads/main', ...branches].flatMap((ref) => ['-p', ref]);
    const tree = git(dir, env, null, 'rev-parse', 'main^{tree}');
    const merge = git(dir, env, null, 'commit-tree', tree, '-m', 'All of it', ...parents);
    git(dir, env, null, 'update-ref', '--no-deref', 'HEAD', merge);
    const byCommit = { [merge]: { authorship: 'human', agents: [] } };
    for (const line of readFileSync(marks, 'utf8').split('\n').filter(Boolean)) {
      const [mark, oid] = line.slice(1).split(' ');
      if (expected.has(Number(mark))) byCommit[oid] = expected.get(Number(mark));
    }
    return byCommit;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function writeStream(file, count) {
  const out = openSync(file, 'w');
  const all = kinds();
  const expected = new Map();
  const branches = new Map();
  const notes = new Map();
  let main = null;
  for (let mark = 1; mark <= count; mark++) {
    const kind = mark % 3 === 0 ? all[(mark / 3 - 1) % all.length] : PLAIN;
    expected.set(mark, { authorship: kind.authorship, agents: kind.agents });
    const ref = `refs/heads/${kind.branch ?? 'main'}`;
    const parent = kind.branch === undefined ? main : (branches.get(ref) ?? main);
    writeSync(out, commitText({ mark, ref, parent, kind }));
    if (kind.branch === undefined) main = mark;
    else branches.set(ref, mark);
    if (kind.note !== undefined) {
      const list = notes.get(kind.note.ref) ?? [];
      notes.set(kind.note.ref, [...list, { mark, text: kind.note.text }]);
    }
  }
  for (const [ref, list] of notes) writeSync(out, notesText(ref, list));
  writeSync(out, 'done\n');
  closeSync(out);
  return { expected, branches: [...branches.keys()] };
}

const PLAIN = { authorship: 'human', agents: [] };

function commitText({ mark, ref, parent, kind }) {
  const { author = JANE, committer = JANE, message = `Change ${mark}\n\nBecause of it.\n` } = kind;
  const when = `${START + mark} +0000`;
  const paths = [`src/d${mark % 97}/f${mark % 13}.ts`, `lib/d${mark % 31}/g${mark % 7}.ts`];
  if (mark % 11 === 0) paths.push(PATHS[mark % PATHS.length]);
  return [
    `commit ${ref}\nmark :${mark}\nauthor ${author} ${when}\ncommitter ${committer} ${when}\n${data(message)}`,
    parent === null ? '' : `from :${parent}\n`,
    ...paths.map((path) => `M 100644 inline ${path}\n${data(`version ${mark}\n`)}`),
    '\n',
  ].join('');
}

/** Beside the notes of commits that are here, one of a commit that is not. */
function notesText(ref, list) {
  return [
    `commit ${ref}\ncommitter ${JANE} ${START} +0000\n${data('notes\n')}`,
    ...list.map(({ mark, text }) => `N inline :${mark}\n${data(text)}`),
    `M 100644 inline ${'0123456789'.repeat(4)}\n${data(list[0].text)}`,
    '\n',
  ].join('');
}

function data(text) {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function git(dir, env, stdin, ...args) {
  const input = stdin === null ? 'ignore' : openSync(stdin, 'r');
  const { status, stdout, stderr } = spawnSync('git', args, {
    cwd: dir,
    env: { ...env, GIT_AUTHOR_DATE: '1767225600 +0000', GIT_COMMITTER_DATE: '1767225600 +0000' },
    stdio: [input, 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (stdin !== null) closeSync(input);
  if (status !== 0) throw new Error(`git ${args[0]} exited with ${status}: ${stderr}`);
  return stdout.trim();
}

/** How well what `scan` said meets what is expected. `wrong` names the first commits where it does not. */
export function judge(expected, scanned) {
  const counts = { found: 0, real: 0, right: 0 };
  const wrong = [];
  let seen = 0;
  for (const { commit, authorship, signals } of scanned) {
    const wanted = expected[commit];
    seen++;
    if (authorship === 'agent') counts.found++;
    if (wanted?.authorship === 'agent') counts.real++;
    if (authorship === 'agent' && wanted?.authorship === 'agent') counts.right++;
    const agents = [...new Set(signals.map(({ agent }) => agent))].sort((a, b) => (a < b ? -1 : 1)).join();
    if (wanted?.authorship !== authorship || wanted.agents.join() !== agents)
      wrong.push({ commit, wanted, authorship, agents });
  }
  const { found, real, right } = counts;
  return {
    commits: seen,
    agent: real,
    precision: found === 0 ? 1 : right / found,
    recall: real === 0 ? 1 : right / real,
    complete: seen === Object.keys(expected).length,
    wrong: wrong.slice(0, 20),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(JSON.stringify(makeMarkedHistory(process.argv[2], Number(process.argv[3]))));
