import { HOOK_VARIABLES, SESSION_VARIABLES } from '../../agents/detect.ts';
import { MAX_HASHED } from '../../session/snapshot.ts';
import type { HookScope } from '../agents/hooks.ts';
import { SCRIPT_MARK, type ScriptPaths } from './names.ts';
import { quote } from './quote.ts';
import { program } from './starting.ts';

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
