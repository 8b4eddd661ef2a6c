import { aiderTest, dir, ifNone, ifNothingWaits, notWhileReplaying, onlyForAgents } from './conditions.ts';
import { SCRIPT_MARK, type ScriptPaths } from './names.ts';
import { onlyIfUnsent, READ_REFS, startAndWait, unlessSwitchedOff } from './push.ts';
import { quote } from './quote.ts';
import { bearWitness, endInCleanReplay, endUnlessResolved, keepPairs, replayFunctions } from './replay.ts';
import { program, start, startAsking, startDetached } from './starting.ts';

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
