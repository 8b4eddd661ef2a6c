import { AIDER_HISTORY } from '../../agents/aider.ts';
import { AGENT_VARIABLES, AIDER_SUFFIX, COMMITTER_NAME } from '../../agents/detect.ts';
import type { ScriptPaths } from './names.ts';
import { quote } from './quote.ts';

/** Where our files are; a repository that was moved is found beside its hooks. */
export function dir(paths: ScriptPaths): string[] {
  return [`al=${quote(paths.dir)}`, '[ -d "$al" ] || al=${0%/*}/../agent-log', '[ -d "$al" ] || exit 0'];
}

/**
 * Ends for a person's commit, after saying where it begins while an agent's session is open (so that the sweep never
 * takes it for the agent's), unless it takes in what an agent wrote and nobody has committed.
 */
export function onlyForAgents(): string[] {
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
export function aiderTest(): string[] {
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

export function notWhileReplaying(): string[] {
  return ['g=${GIT_DIR:-.git}', 'if [ -d "$g/rebase-merge" ] || [ -d "$g/rebase-apply" ]; then exit 0; fi'];
}

/** Ends when a folder of ours is empty; an armed hook then also takes itself away. */
export function ifNone(folder: string, { userHooks }: ScriptPaths): string[] {
  const disarm = userHooks === null ? 'case "$0" in */post-commit|*/commit-msg) rm -f "$0" ;; esac; ' : '';
  return [`for f in "$al"/${folder}/*; do [ -e "$f" ] || { ${disarm}exit 0; }; break; done`];
}

/** Ends when there is neither a record nor a word of git's that waits to be taken in. */
export function ifNothingWaits(): string[] {
  return [...lookForWaiting(), '[ -n "$waits" ] || exit 0'];
}

export function lookForWaiting(): string[] {
  return [
    'waits=',
    'for f in "$al"/pending/* "$al"/rewritten/* "$al"/picked; do [ ! -e "$f" ] || { waits=1; break; }; done',
  ];
}
