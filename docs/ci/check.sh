#!/bin/sh
# Judges a merge request by the policy of the branch it goes to, and says why. Run it in a clone of the project at that branch, with
# git-agent-log on PATH:
#
#   HEAD=<commit id> TARGET=<branch> MR=<its URL> [AGENT_LOG_KEY=<private ssh key, or a file with it>] sh check.sh
#
# TARGETS names the branches whose policy may judge, with spaces between them; without it that is the remote's default branch alone. For any other it ends
# with 2. All of them have to be protected: who may push a branch may put a policy of their own there.
#
# With the key of a pipeline (`ci` in .agent-log/sponsors.yaml) the decisions are recorded, signed and pushed, also when they deny. Without it nothing is
# recorded or pushed. Nothing of the merge request is checked out or run: its commits come in as objects. IMPORTS='sarif:a.sarif junit:b.xml' takes in
# what other tools found; only files of jobs that the change can't write are worth anything.
set -eu

head=${HEAD:?} target=${TARGET:?} mr=${MR:?} remote=${REMOTE:-origin}
case $head in *[!0-9a-f]*) echo 'HEAD is a full commit id' >&2; exit 2 ;; esac

# Whoever may push a branch may put a policy of their own there: only branches that are guarded judge.
set -f
is_target=
for one in ${TARGETS:-$(git ls-remote --symref "$remote" HEAD | sed -n 's|^ref: refs/heads/\([^[:space:]]*\)[[:space:]]HEAD$|\1|p')}; do
  if [ "$one" = "$target" ]; then is_target=1; fi
done
if [ -z "$is_target" ]; then
  echo "Merge requests to '$target' are not judged: TARGETS names the branches that are, by default the remote's default branch alone" >&2
  exit 2
fi

# Where a change leaves its target can't be told in a shallow clone.
if [ "$(git rev-parse --is-shallow-repository)" = true ]; then git fetch -q --unshallow "$remote"; fi
git fetch -q --no-tags --no-write-fetch-head --no-recurse-submodules "$remote" "$head" \
  "+refs/heads/$target:refs/remotes/$remote/$target"
git agent-log sync --fetch "$remote"

set -- "$head" --stage mr "--target=$target" "--mr=$mr" \
  --sarif "${SARIF:-agent-log.sarif}" --junit "${JUNIT:-agent-log.xml}" --summary "${SUMMARY:-agent-log.md}"
for one in ${IMPORTS-}; do set -- "$@" --import "$one"; done

if [ -z "${AGENT_LOG_KEY-}" ]; then
  echo 'There is no key here: nothing is recorded.' >&2
  exec git agent-log check "$@" --dry-run
fi

umask 077
key=$(mktemp)
trap 'rm -f "$key"' EXIT
if [ -f "$AGENT_LOG_KEY" ]; then cat "$AGENT_LOG_KEY" >"$key"; else printf '%s\n' "$AGENT_LOG_KEY" >"$key"; fi
unset AGENT_LOG_KEY
# For this script's commands alone; nothing is left in the clone's configuration.
export GIT_CONFIG_COUNT=2
export GIT_CONFIG_KEY_0=gpg.format GIT_CONFIG_VALUE_0=ssh GIT_CONFIG_KEY_1=user.signingkey GIT_CONFIG_VALUE_1="$key"

git agent-log mr sync "$mr" "--head=$head" "--target=$target" >&2
code=0
git agent-log check "$@" --sign || code=$?
git agent-log sync "$remote" >&2
exit "$code"
