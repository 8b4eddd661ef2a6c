import { LOCAL_VARIABLES } from '../../git/process/environment.ts';
import { AIDER_HISTORY } from '../agents/aider.ts';
import {
  AGENT_VARIABLES,
  AIDER_SUFFIX,
  COMMITTER_NAME,
  HOOK_VARIABLES,
  SESSION_VARIABLES,
} from '../agents/detect.ts';
import { INTERPRET_TRAILERS, NOBODYS } from '../commit/message.ts';
import { ASKED, OBJECTS, QUESTIONS } from '../commit/questions.ts';
import { MAX_HASHED } from '../session/snapshot.ts';
import type { HookScope } from './agents/hooks.ts';
import {
  bearWitness,
  endInCleanReplay,
  endUnlessResolved,
  keepPairs,
  replayFunctions,
} from './replay-script.ts';

/** First words of every file we install: what does not begin so is not ours to replace or remove. */
export const SCRIPT_MARK = '# git-agent-log 1';

/** git hooks that are ours from the start. */
export const STANDING_HOOKS = [
  'prepare-commit-msg',
  'post-merge',
  'post-applypatch',
  'post-rewrite',
  'pre-push',
] as const;

/**
 * git hooks put in place when an agent's commit needs them, and taken away by the first run that finds nothing to do:
 * so a human's commit starts one shell, not three.
 */
export const ARMED_HOOKS = ['post-commit', 'commit-msg'] as const;

/** Every hook of a user that keeps running when core.hooksPath has to lead to our folder. */
export const CLIENT_HOOKS: readonly string[] = [
  'applypatch-msg',
  'pre-applypatch',
  'post-applypatch',
  'pre-commit',
  'pre-merge-commit',
  'prepare-commit-msg',
  'commit-msg',
  'post-commit',
  'pre-rebase',
  'post-checkout',
  'post-merge',
  'pre-push',
  'post-rewrite',
  'sendemail-validate',
  'pre-auto-gc',
];

/** Hooks git runs so often that one is forwarded only where the user has it when we come. */
export const HOT_HOOKS: readonly string[] = [
  'reference-transaction',
  'post-index-change',
  'fsmonitor-watchman',
  'push-to-checkout',
];

export interface ScriptPaths {
  /** `<git-common-dir>/agent-log`, absolute. */
  readonly dir: string;
  readonly node: string;
  readonly program: string;
  /** The folder of the user's own hooks when ours stands in its place; null when git runs them itself. */
  readonly userHooks: string | null;
}

/** A git hook in POSIX shell. It ends at once unless an agent is at work. */
export function gitHookScript(name: string, paths: ScriptPaths): string {
  return [
    '#!/bin/sh',
    `${SCRIPT_MARK} ${name}: put here by \`git agent-log init\`, taken away by \`git agent-log uninit\`.`,
    ...forward(name, paths),
    ...body(name, paths),
    '',
  ].join('\n');
}

function forward(name: string, { userHooks }: ScriptPaths): string[] {
  if (userHooks === null) return [];
  // What is pushed can be read once, and the user's hook gets all of it.
  const read = name === 'pre-push' ? [READ_REFS] : [];
  const told = name === 'pre-push' ? `[ -z "$refs" ] || printf '%s\\n' "$refs" 2>/dev/null; } | ` : '';
  return [
    ...read,
    `user=${quote(`${userHooks}/${name}`)}`,
    `if [ -x "$user" ]; then ${told === '' ? '' : '{ '}${told}"$user" "$@" || exit $?; fi`,
  ];
}

const READ_REFS = 'refs=$(cat)';

function body(name: string, paths: ScriptPaths): string[] {
  switch (name) {
    case 'prepare-commit-msg':
      return [
        'person=',
        ...endInCleanReplay(),
        ...dir(paths),
        ...replayFunctions(),
        ...bearWitness(),
        ...aiderTest(),
        ...onlyForAgents(),
        ...endUnlessResolved(),
        ...startAsking(paths, name),
        'exit 0',
      ];
    case 'commit-msg':
      return [...dir(paths), ...ifNone('deferred', paths), ...start(paths, `hook ${name} "$@"`), 'exit 0'];
    case 'post-commit':
      return [
        ...dir(paths),
        ...ifNone('pending', paths),
        ...notWhileReplaying(),
        ...startDetached(paths, `hook bind ${name}`),
        'exit 0',
      ];
    case 'post-rewrite':
      return [
        ...dir(paths),
        ...replayFunctions(),
        ...keepPairs(),
        ...ifNothingWaits(),
        ...startDetached(paths, `hook bind ${name}`),
        'exit 0',
      ];
    case 'post-merge':
    case 'post-applypatch':
      return [...dir(paths), ...ifNothingWaits(), ...startDetached(paths, `hook bind ${name}`), 'exit 0'];
    case 'pre-push':
      return [
        ...dir(paths),
        ...onlyIfUnsent(),
        ...(paths.userHooks === null ? [READ_REFS] : []),
        // A second push of the ledger would make the user's own fail.
        `case "$refs" in *' refs/notes/agent-log '*) exit 0 ;; esac`,
        ...program(paths),
        ...unlessSwitchedOff(name),
        ...startAndWait(`hook ${name} "$@"`),
        'exit 0',
      ];
    default:
      return ['exit 0'];
  }
}

/**
 * Ends a push that has no records to take along: nothing waits, and there is no ledger, or it is what this
 * remote got, or refused, the last time.
 */
function onlyIfUnsent(): string[] {
  const refs = [
    'refs/notes/agent-log',
    ...['pushed', 'refused'].map((what) => `"refs/agent-log/remotes/$1/${what}"`),
  ];
  return [
    ...lookForWaiting(),
    'ours= sent=',
    'if [ -z "$waits" ]; then',
    '  while read -r o r; do',
    '    case $r in refs/notes/agent-log) ours=$o ;; refs/*) sent="$sent $o" ;; esac',
    '  done <<END',
    `$(git for-each-ref --format='%(objectname) %(refname)' ${refs.join(' ')} 2>/dev/null)`,
    'END',
    '  [ -n "$ours" ] || exit 0',
    '  case "$sent " in *" $ours "*) exit 0 ;; esac',
    'fi',
  ];
}

/** `agentLog.push` and `remote.<name>.agentLogPush`, false: records are bound, and stay here until somebody syncs. */
function unlessSwitchedOff(name: string): string[] {
  return [
    'for key in agentLog.push "remote.$1.agentLogPush"; do',
    '  [ "$(git config --type=bool --get "$key" 2>/dev/null)" = false ] || continue',
    `  [ -z "$waits" ] || (unset GIT_INDEX_FILE; "$node" "$program" hook bind ${name} </dev/null >/dev/null 2>&1 &)`,
    '  exit 0',
    'done',
  ];
}

/**
 * Waits for a line of the program, two seconds at most, and leaves it running: it goes on in the background. Neither it
 * nor the clock holds the terminal's ends open, or whoever reads what git push prints would wait for them.
 */
function startAndWait(command: string): string[] {
  return [
    `( unset GIT_INDEX_FILE; AGENT_LOG_GIT_PID=$PPID "$node" "$program" ${command} </dev/null 2>/dev/null &`,
    '  { sleep 2; echo; } </dev/null 2>/dev/null & ) | {',
    '  IFS= read -r said || :',
    `  [ -z "$said" ] || printf 'git-agent-log: %s\\n' "$said" >&2`,
    '}',
  ];
}

/** Where our files are; a repository that was moved is found beside its hooks. */
function dir(paths: ScriptPaths): string[] {
  return [`al=${quote(paths.dir)}`, '[ -d "$al" ] || al=${0%/*}/../agent-log', '[ -d "$al" ] || exit 0'];
}

/**
 * Ends for a person's commit, after saying where it begins while an agent's session is open (so that the sweep never
 * takes it for the agent's), unless it takes in what an agent wrote and nobody has committed.
 */
function onlyForAgents(): string[] {
  const variables = AGENT_VARIABLES.map((name) => `\${${name}-}`).join('');
  return [
    `case "${variables}" in`,
    `'') by_aider "$@" || for f in "$al"/active/*; do [ -e "$f" ] || person=1; break; done ;;`,
    'esac',
    'if [ -n "$person" ]; then',
    '  [ -e "$al/open" ] || [ -e "$al/unclaimed" ] || exit 0',
    '  head',
    `  [ ! -e "$al/open" ] || [ -h "$al/people" ] || (umask 077; cd -P . && printf '%s %s\\n' "$h" "$PWD" >>"$al/people") 2>/dev/null`,
    '  [ -s "$al/unclaimed" ] || exit 0',
    '  git -c core.quotePath=true diff --cached --name-only --no-renames --no-ext-diff 2>/dev/null | grep -qxFf "$al/unclaimed" || exit 0',
    'fi',
  ];
}

/**
 * Aider sets no variable: its committer name tells it, or the trailer in the message it gives with -m. The message is
 * read by the shell itself, a few lines of it, and only where Aider has left its history: a person's commit starts nothing.
 */
function aiderTest(): string[] {
  return [
    'by_aider() {',
    `  case "\${${COMMITTER_NAME}-}" in *'${AIDER_SUFFIX}') return 0 ;; esac`,
    `  [ "\${2-}" = message ] && [ -f "$1" ] && [ -e ${AIDER_HISTORY} ] || return 1`,
    '  c=0',
    '  while [ $c -lt 100 ] && IFS= read -r l; do',
    `    case $l in [Cc]o-[Aa]uthored-[Bb]y:*aider*'<'*'@aider.'*'>'*) return 0 ;; esac`,
    '    c=$((c + 1))',
    '  done <"$1"',
    '  return 1',
    '}',
  ];
}

function notWhileReplaying(): string[] {
  return ['g=${GIT_DIR:-.git}', 'if [ -d "$g/rebase-merge" ] || [ -d "$g/rebase-apply" ]; then exit 0; fi'];
}

/** Ends when a folder of ours is empty; an armed hook then also takes itself away. */
function ifNone(folder: string, { userHooks }: ScriptPaths): string[] {
  const disarm = userHooks === null ? 'case "$0" in */post-commit|*/commit-msg) rm -f "$0" ;; esac; ' : '';
  return [`for f in "$al"/${folder}/*; do [ -e "$f" ] || { ${disarm}exit 0; }; break; done`];
}

/** Ends when there is neither a record nor a word of git's that waits to be taken in. */
function ifNothingWaits(): string[] {
  return [...lookForWaiting(), '[ -n "$waits" ] || exit 0'];
}

function lookForWaiting(): string[] {
  return [
    'waits=',
    'for f in "$al"/pending/* "$al"/rewritten/* "$al"/picked; do [ ! -e "$f" ] || { waits=1; break; }; done',
  ];
}

const SORRY = 'git-agent-log: this commit could not be recorded; see git agent-log doctor';

function start(paths: ScriptPaths, command: string): string[] {
  return [...program(paths), `AGENT_LOG_GIT_PID=$PPID "$node" "$program" ${command} || echo '${SORRY}' >&2`];
}

/**
 * Starts the program and at once asks git what it will want to know, and puts the trailers in that it hands back: git
 * starts faster from a shell than from Node, and answers while Node starts. Nobody waits for an answer nobody reads.
 */
function startAsking(paths: ScriptPaths, name: string): string[] {
  const git = (args: readonly string[]): string => `git ${args.map(quote).join(' ')}`;
  const answered = `printf '\\0\\0%d\\n' $?`;
  const nobodys = Object.entries(NOBODYS).map(([key, value]) => `${key}=${quote(value)}`);
  return [
    ...program(paths),
    'ask() {',
    '  export GIT_NO_REPLACE_OBJECTS=1 LC_ALL=C GIT_OPTIONAL_LOCKS=0',
    ...QUESTIONS.map((args) => `  ${git(args)}; ${answered}`),
    `  printf '%s\\n' ${OBJECTS.map(quote).join(' ')} | git cat-file --batch`,
    '}',
    'seal() {',
    '  file=$1 sealed=',
    '  IFS= read -r char || return 0',
    '  set --',
    '  while IFS= read -r line; do',
    '    [ -n "$line" ] || { sealed=1; break; }',
    '    set -- "$@" --trailer "$line"',
    '  done',
    '  [ -n "$sealed" ] || return 0',
    `  unset ${LOCAL_VARIABLES.join(' ')}`,
    `  ${nobodys.join(' ')} git -c "core.commentChar=$char" ${INTERPRET_TRAILERS.map(quote).join(' ')} "$@" "$file"`,
    '}',
    '{ ask 2>/dev/null & } | {',
    `  AGENT_LOG_GIT_PID=$PPID "$node" "$program" hook ${name} ${ASKED} "$@" || echo '${SORRY}' >&2`,
    '} | { seal "$@" || "$node" "$program" hook unsealed; }',
  ];
}

function startDetached(paths: ScriptPaths, command: string): string[] {
  return [
    ...program(paths),
    `(unset GIT_INDEX_FILE; "$node" "$program" ${command} </dev/null >/dev/null 2>&1 &)`,
  ];
}

function program(paths: ScriptPaths): string[] {
  return [
    // No network is used, and reading a bundle of certificates more than doubles the time Node takes to start.
    'unset NODE_EXTRA_CA_CERTS',
    `node=${quote(paths.node)} program=${quote(paths.program)}`,
    '[ -x "$node" ] || node=node',
    // The program is a few lines that start what is in dist: half a removal leaves it without.
    'if [ ! -f "$program" ] || [ ! -d "${program%/*}/../dist" ]; then',
    '  program=$(command -v git-agent-log) || { echo "git-agent-log: the program is gone; run git agent-log init again" >&2; exit 0; }',
    'fi',
  ];
}

/**
 * What an agent's own hooks run: takes the payload from standard input into a file of its own, with a look at the
 * worktree where a shell tool is about to change it or has changed it. No node, no network, nothing printed.
 */
export function spoolScript(paths: ScriptPaths): string {
  return `#!/bin/sh
${SCRIPT_MARK} spool: put here by \`git agent-log init\`, taken away by \`git agent-log uninit\`.
# usage: spool <agent>[.<scope>] [look|stop]
umask 077
seen= s=
nl='
'
al=\${0%/*}/..
case $al in /*) ;; *) al=$PWD/$al ;; esac
d=$al/spool
if [ -h "$d" ] || [ ! -d "$d" ] || [ ! -w "$d" ]; then cat >/dev/null; exit 0; fi
agent=\${1:-unknown}
${HOOK_VARIABLES.map(({ agent, variable }) => `[ -z "\${${variable}-}" ] || seen=${agent}`).join('\n')}
agent=$agent\${seen:+@$seen}
i=0
n=$d/$$-0
while [ -e "$n.tmp" ] || [ -h "$n.tmp" ] || [ -e "$n.$agent.json" ] || [ -h "$n.$agent.json" ]; do i=$((i + 1)); n=$d/$$-$i; done
set -C
# What a full disk cut short is kept as it is: whoever takes it in says so.
cat >"$n.tmp" || { [ -h "$n.tmp" ] || [ ! -f "$n.tmp" ] || mv -f "$n.tmp" "$n.$agent.json"; exit 0; }
${listSessionScript().join('\n')}
if [ "\${2-}" = look ]; then
  top=.
  [ -e .git ] || top=$(git rev-parse --show-toplevel 2>/dev/null) || top=
  if [ -n "$top" ]; then
    cd "$top" || exit 0
    {
      printf 'top %s\\n' "$PWD"
      s=$(git --no-optional-locks status --porcelain=v2 --branch --untracked-files=all --no-renames --ignore-submodules=none 2>/dev/null)
      printf '%s\\nhashes\\n' "$s"
      l= c=0
      while IFS= read -r e; do
        case $e in
        '? '*) e=\${e#??} ;;
        '1 '?[MTA]' N'*) e=\${e#* * * * * * * * } ;;
        *) continue ;;
        esac
        l="$l$e
" c=$((c + 1))
        [ $c -lt ${MAX_HASHED} ] || break
      done <<END
$s
END
      [ -z "$l" ] || printf '%s' "$l" | git hash-object --stdin-paths 2>/dev/null
    } >"$n.$agent.snap"
  fi
fi
mv -f "$n.tmp" "$n.$agent.json" || exit 0
# Not with ':', at which a shell ends when its redirection fails: another hook may just have made the same file.
[ -e "$al/open" ] || [ -h "$al/open" ] || { true >"$al/open"; } 2>/dev/null
drain=
[ "\${2-}" != stop ] || drain=stop
# HEAD is where no hook of ours has seen it: somebody committed without one.
h=\${s#'# branch.oid '}
h=\${h%%"$nl"*}
case $h in *[!0-9a-f]* | '') ;; *)
  if [ ! -e "$al/seen/$h" ]; then
    for f in "$al"/pending/*; do [ -e "$f" ] || drain=shell; break; done
    [ ! -d "$al/seen" ] || { true >"$al/seen/$h"; } 2>/dev/null
  fi ;;
esac
if [ -n "$drain" ]; then
${[...program(paths)].map((line) => `  ${line}`).join('\n')}
  (unset GIT_INDEX_FILE; "$node" "$program" hook drain "$drain" </dev/null >/dev/null 2>&1 &)
fi
exit 0
`;
}

/**
 * Lists the session for this user's other repositories, once: a file whose name is its id and that holds nothing but our
 * folder. Written only where there is none (noclobber), so through no link; no process is started but for the folder.
 */
function listSessionScript(): string[] {
  return [
    'id=',
    ...SESSION_VARIABLES.map(
      ({ agent, variable }) => `[ -z "\${${variable}-}" ] || id=${agent}.$${variable}`,
    ),
    'r=${XDG_STATE_HOME:-${HOME:+$HOME/.local/state}}/git-agent-log/sessions',
    'case $r:$id in',
    '*:|*:*[!A-Za-z0-9._-]*) ;;',
    '/?*/git-agent-log/sessions:*)',
    '  if [ ! -e "$r/$id" ]; then',
    '    [ -d "$r" ] || mkdir -p "$r" 2>/dev/null',
    `    [ -h "$r" ] || { printf '%s\\n' "$al" >"$r/$id"; } 2>/dev/null || :`,
    '  fi ;;',
    'esac',
  ];
}

/**
 * The command an agent's hook runs: by absolute path in configuration of this clone, found through git where it travels.
 * The scope tells the hooks of several settings files apart, so that one event told by two of them counts once.
 */
export function spoolCommand(agent: string, spool: string | null, scope: HookScope = 'local'): string {
  const find =
    spool === null
      ? 'f="$(git rev-parse --git-common-dir 2>/dev/null)/agent-log/bin/spool"'
      : `f=${quote(spool)}`;
  return `${find}; [ -x "$f" ] || exit 0; exec "$f" ${agent}${scope === 'local' ? '' : `.${scope}`}`;
}

/** A word of POSIX shell that stands for exactly this text. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
