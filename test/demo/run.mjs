// `npm run demo`: a repository, one command, an agent that makes three commits, and everything read back. No network,
// no account, nothing of yours is touched.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const bin = join(here, '..', '..', 'bin');
const root = mkdtempSync(join(tmpdir(), 'git-agent-log-demo-'));
const repo = join(root, 'repo');
const home = join(root, 'home');
const env = {
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  HOME: home,
  TERM: process.env.TERM ?? 'dumb',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_PAGER: 'cat',
  ...(process.env.NO_COLOR ? { NO_COLOR: process.env.NO_COLOR } : {}),
};

mkdirSync(repo);
mkdirSync(home);
quiet('git', 'init', '-q', '-b', 'main', '.');
quiet('git', 'config', 'user.name', 'Jane Doe');
quiet('git', 'config', 'user.email', 'jane@example.com');
quiet('sh', '-c', 'printf "# Demo\\n" > README.md && git add -A && git commit -q -m "Start"');

title('One command makes the repository record what agents do');
show('git', 'agent-log', 'init');
title('A scripted agent works and commits three times, through the hooks just installed');
show(process.execPath, join(here, 'agent.mjs'));
process.stdout.write('(it prints nothing, and neither do the hooks)\n');
title('What a commit message carries');
show('git', 'log', '-1', '--format=%B');
title('The record behind it');
show('git', 'agent-log', 'show', 'HEAD');
title('All records');
show('git', 'agent-log', 'list');
quiet('sh', '-c', 'printf "How to greet: later.\\n" >> README.md && git commit -q -am "Say how to greet"');
title('A person has gone on. What would it take to undo the whole transaction, by any commit of it?');
show('git', 'agent-revert', '--plan', 'HEAD~1');
title('Undone as one unit, in one commit');
show('git', 'agent-revert', 'HEAD~1', '--reason', 'We greet differently');
show('git', 'log', '-1', '--format=%B');
show('git', 'ls-files');
title('Go on playing');
process.stdout.write(
  `  cd ${repo}\n  export PATH=${bin}:$PATH\n  git agent-log show HEAD~2\n  git agent-revert --reland HEAD --plan\n`,
);

function title(text) {
  process.stdout.write(`\n== ${text}\n\n`);
}

function show(program, ...args) {
  const words = [
    program === process.execPath ? 'node' : program,
    ...args.map((arg) => asTyped(arg.replace(`${here}/`, ''))),
  ];
  process.stdout.write(`$ ${words.join(' ')}\n`);
  run(program, args, 'inherit');
}

/** What a shell takes for this one word. */
function asTyped(word) {
  return /\s/.test(word) ? `'${word}'` : word;
}

function quiet(program, ...args) {
  run(program, args, 'pipe');
}

function run(program, args, stdio) {
  const { status, error, stderr } = spawnSync(program, args, {
    cwd: repo,
    env,
    stdio: ['ignore', stdio, stdio],
  });
  if (status === 0) return;
  process.stderr.write(`${program} ${args.join(' ')} failed: ${error?.message ?? stderr ?? ''}\n`);
  process.exit(1);
}
