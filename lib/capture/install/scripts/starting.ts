import { LOCAL_VARIABLES } from '../../../git/process/environment.ts';
import { INTERPRET_TRAILERS, NOBODYS } from '../../commit/message.ts';
import { ASKED, OBJECTS, QUESTIONS } from '../../commit/questions.ts';
import type { ScriptPaths } from './names.ts';
import { quote } from './quote.ts';

const SORRY = 'git-agent-log: this commit could not be recorded; see git agent-log doctor';

export function start(paths: ScriptPaths, command: string): string[] {
  return [...program(paths), `AGENT_LOG_GIT_PID=$PPID "$node" "$program" ${command} || echo '${SORRY}' >&2`];
}

/**
 * Starts the program and at once asks git what it will want to know, and puts the trailers in that it hands back: git
 * starts faster from a shell than from Node, and answers while Node starts. Nobody waits for an answer nobody reads, nor
 * for Node to end (a tenth of its time) when it has said, with an empty line, that all is done.
 */
export function startAsking(paths: ScriptPaths, name: string): string[] {
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
    `  if ! IFS= read -r char || [ -z "$char" ]; then return 0; fi`,
    '  set --',
    '  while IFS= read -r line; do',
    '    [ -n "$line" ] || { sealed=1; break; }',
    '    set -- "$@" --trailer "$line"',
    '  done',
    '  [ -n "$sealed" ] || return 0',
    `  unset ${LOCAL_VARIABLES.join(' ')}`,
    `  ${nobodys.join(' ')} git -c "core.commentChar=$char" ${INTERPRET_TRAILERS.map(quote).join(' ')} "$@" "$file" || return`,
    '  IFS= read -r char || :',
    '}',
    'tell() {',
    `  AGENT_LOG_GIT_PID=$PPID "$node" "$program" hook ${name} ${ASKED} "$@" || echo '${SORRY}' >&2`,
    '}',
    '{ ask 2>/dev/null & } | { tell "$@" <&3 3<&- & } 3<&0 | { seal "$@" || "$node" "$program" hook unsealed; }',
  ];
}

export function startDetached(paths: ScriptPaths, command: string): string[] {
  return [
    ...program(paths),
    `{ unset GIT_INDEX_FILE; exec "$node" "$program" ${command}; } </dev/null >/dev/null 2>&1 &`,
  ];
}

export function program(paths: ScriptPaths): string[] {
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
