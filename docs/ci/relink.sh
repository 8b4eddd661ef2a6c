#!/bin/sh
# Finds the records of agents' work in commits the host made of merged changes (squash, rebase, cherry-pick), and pushes
# them. Run it for every push to the default branch, in a clone of the project, with git-agent-log on PATH:
#
#   BEFORE=<where the branch was> AFTER=<where it is> sh relink.sh
#
# Twice changes nothing. Nothing of a merge request is checked out or run.
set -eu

before=${BEFORE-} after=${AFTER:?} remote=${REMOTE:-origin}
case $before$after in *[!0-9a-f]*) echo 'BEFORE and AFTER are full commit ids' >&2; exit 2 ;; esac

# A squash is compared with whole histories: a shallow clone would find nothing, and say nothing.
if [ "$(git rev-parse --is-shallow-repository)" = true ]; then git fetch -q --unshallow "$remote"; fi

# A new branch has no "before", and after a forced push it may be gone: then all commits are looked at.
range=$after
if [ -n "$before" ] && git merge-base --is-ancestor "$before" "$after" 2>/dev/null; then range=$before..$after; fi

# Heads of the merged changes, as objects only: without its commits a squash with none of their trailers is not found.
# Those that the new commits name, and the newest; the host drops some after a while.
named=$(git log --format=%B "$range" -- | grep -oE '[#!][0-9]{1,9}' | tr -d '#!' | sort -u | head -n 200 | tr '\n' ' ') || named=
git ls-remote "$remote" 'refs/pull/*/head' 'refs/merge-requests/*/head' | cut -f2 | sort -t/ -k3,3 -rn |
  awk -F/ -v named=" $named" 'NR <= 20 || index(named, " " $3 " ")' |
  git fetch -q --no-tags --no-write-fetch-head --stdin "$remote" ||
  echo 'some heads of merged changes could not be fetched: squashes of them may not be found' >&2

git agent-log sync --fetch "$remote"
git agent-log relink "$range"
git agent-log sync "$remote"
