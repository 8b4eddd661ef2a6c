import { LEDGER_REF } from '../../../ledger/ledger.ts';
import { MAX_PAIRS } from '../../rewritten/kept.ts';

/**
 * Ends while git itself replays a commit in a rebase and nobody had to resolve anything: the trailers come along, and
 * post-rewrite tells what became of it. First of all lines, because a rebase starts this hook for every commit.
 */
export function endInCleanReplay(): string[] {
  return [
    'g=${GIT_DIR:-.git}',
    'if [ -d "$g/rebase-merge" ] && [ ! -e "$g/rebase-merge/stopped-sha" ]; then',
    '  if [ -e "$g/CHERRY_PICK_HEAD" ] || [ -e "$g/rebase-merge/current-fixups" ]; then exit 0; fi',
    'fi',
  ];
}

/** Ends for a commit an agent has git replay, unless there was a conflict (or, in a rebase, git does not say what it is about). */
export function endUnlessResolved(): string[] {
  return [
    'if [ -e "$g/CHERRY_PICK_HEAD" ] || { [ -d "$g/rebase-merge" ] && [ -e "$g/MERGE_HEAD" ]; }; then',
    '  conflicted || exit 0',
    'fi',
  ];
}

/** Shell functions: where HEAD stands (`$h`), whether paths were in conflict, whether anything waits to be taken in, and whether a commit has a note. */
export function replayFunctions(): string[] {
  return [
    'head() {',
    '  h=',
    '  if read -r h 2>/dev/null <"$g/HEAD"; then',
    '    case $h in "ref: "*) r=${h#ref: } h=; read -r h 2>/dev/null <"$al/../$r" || h= ;; esac',
    '  fi',
    '  [ -n "$h" ] || h=$(git rev-parse -q --verify HEAD) || h=none',
    '}',
    'conflicted() { [ -n "$(git ls-files --resolve-undo 2>/dev/null)" ]; }',
    `untold() { for f in "$al"/pending/* "$al"/rewritten/*; do [ ! -e "$f" ] || return 0; done; return 1; }`,
    ...noteFunctions(),
  ];
}

function noteFunctions(): string[] {
  return [
    'paths() {',
    '  a=${1#??} b=${1#????} c=${1#??????}',
    '  p=${1%"$a"} q=${a%"$b"} s=${b%"$c"}',
    `  printf '${LEDGER_REF}:%s\\n' "$1" "$p/$a" "$p/$q/$b" "$p/$q/$s/$c"`,
    '}',
    // All of the answer is read: a grep that ends early would end those that write to it as well.
    `noted() { [ "$(GIT_NO_REPLACE_OBJECTS=1 git cat-file --batch-check='%(objecttype)' 2>/dev/null | grep -c '^blob$')" != 0 ]; }`,
    'no_ledger() {',
    `  [ ! -e "$al/../${LEDGER_REF}" ] && [ ! -d "$al/../reftable" ] && ! grep -qs ' ${LEDGER_REF}$' "$al/../packed-refs"`,
    '}',
  ];
}

/**
 * Bears witness of a cherry-pick: which commit is picked, onto which and as which tree, while git knows it. Where the patch
 * is no longer the same afterwards nothing else would tell. In a rebase for a conflict, because it may end without
 * post-rewrite; and for the first commit made where it stopped to edit, of what the one it stopped at has become: git
 * will say that it became the last.
 */
export function bearWitness(): string[] {
  return [
    'if [ -e "$g/CHERRY_PICK_HEAD" ] || [ -e "$g/rebase-merge/stopped-sha" ]; then',
    '  from= kind=pick',
    '  [ ! -d "$g/rebase-merge" ] || kind=rebase',
    '  if [ -e "$g/CHERRY_PICK_HEAD" ]; then read -r from <"$g/CHERRY_PICK_HEAD"',
    '  elif [ -e "$g/rebase-merge/amend" ]; then',
    '    read -r from <"$g/rebase-merge/stopped-sha"; read -r stop <"$g/rebase-merge/amend"; head',
    // A fixup that met a conflict leaves the same files; what HEAD is then is not made from it.
    `    case $(sed -n '$p' "$g/rebase-merge/done") in 'edit '* | 'e '*) ;; *) from= ;; esac`,
    '    if [ "$h" = "$stop" ] && [ "$h" != "$from" ]; then kind=stop; else from=; fi',
    '  elif [ -e "$g/REBASE_HEAD" ] && conflicted; then read -r from <"$g/REBASE_HEAD"',
    '  fi',
    `  case $from in *[!0-9a-f]* | '') from= ;; esac`,
    `  if [ -n "$from" ] && { grep -qi 'Agent-Record: *sha256:' "$1" || paths "$from" | noted || untold; }; then`,
    '    head',
    '    tree=$(git write-tree 2>/dev/null) || tree=none',
    `    [ -h "$al/picked" ] || (umask 077; cd -P . && printf '%s %s %s %s %s\\n' "$from" "$h" "$kind" "$tree" "$PWD" >>"$al/picked") 2>/dev/null`,
    '  fi',
    'fi',
  ];
}

/**
 * Keeps what git says about rewritten commits, when one of them may have a record, and ends when none has. Kept without
 * looking, and without starting the program, while a rebase goes on: what it says at its end may lead to the old commit.
 */
export function keepPairs(): string[] {
  return [
    'g=${GIT_DIR:-.git} d=$al/rewritten how=$1 sure= busy=',
    'no_ledger && sure=0',
    'for f in "$al"/pending/* "$d"/* "$al"/picked; do [ ! -e "$f" ] || { sure=1; break; }; done',
    'if [ "$1" = amend ] && [ -d "$g/rebase-merge" ]; then busy=1; [ -n "$sure" ] || sure=1; fi',
    `if [ "$sure" != 0 ]; then`,
    '  umask 077',
    '  set -C',
    '  [ -d "$d" ] || mkdir "$d" 2>/dev/null',
    '  if [ -h "$d" ] || [ ! -w "$d" ]; then exit 0; fi',
    '  i=0 n=$d/$$-0',
    '  while [ -e "$n.tmp" ] || [ -h "$n.tmp" ] || [ -e "$n" ] || [ -h "$n" ]; do i=$((i + 1)) n=$d/$$-$i; done',
    '  tell() {',
    '    k=0',
    `    while [ $k -lt ${MAX_PAIRS} ] && read -r old new rest; do`,
    '      case $old$new in *[!0-9a-f]*) continue ;; esac',
    `      printf '%s %s\\n' "$old" "$new" >&3`,
    '      [ -n "$sure" ] || paths "$old"',
    '      k=$((k + 1))',
    '    done',
    '    cat >/dev/null',
    ...keepList(),
    '  }',
    '  if [ -n "$sure" ]; then tell 3>"$n.tmp"; else tell 3>"$n.tmp" | noted && sure=1; fi',
    '  if [ -n "$sure" ] && [ -s "$n.tmp" ]; then mv "$n.tmp" "$n"; else rm -f "$n.tmp"; fi',
    '  set +C',
    'fi',
    '[ -z "$busy" ] || exit 0',
  ];
}

/** What the rebase was asked to do, while git still knows it: of a commit that was skipped it says that it became the one before. */
function keepList(): string[] {
  const command = '\\([a-z][a-z]*\\) \\(-[cC] \\)\\{0,1\\}\\([0-9a-f]\\{40,64\\}\\).*';
  return [
    '    if [ "$how" = rebase ] && [ -r "$g/rebase-merge/done" ]; then',
    `      sed -n 's/^${command}/\\1 \\3/p' "$g/rebase-merge/done" >&3`,
    '      read -r onto <"$g/rebase-merge/onto" && printf \'onto %s\\n\' "$onto" >&3',
    '    fi',
  ];
}
