import { lookForWaiting } from './conditions.ts';

export const READ_REFS = 'refs=$(cat)';

/**
 * Ends a push that has no records to take along: nothing waits, and there is no ledger, or it is what this
 * remote got, or refused, the last time.
 */
export function onlyIfUnsent(): string[] {
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
export function unlessSwitchedOff(name: string): string[] {
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
export function startAndWait(command: string): string[] {
  return [
    `( unset GIT_INDEX_FILE; AGENT_LOG_GIT_PID=$PPID "$node" "$program" ${command} </dev/null 2>/dev/null &`,
    '  { sleep 2; echo; } </dev/null 2>/dev/null & ) | {',
    '  IFS= read -r said || :',
    `  [ -z "$said" ] || printf 'git-agent-log: %s\\n' "$said" >&2`,
    '}',
  ];
}
