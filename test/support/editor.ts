import { join } from 'node:path';
import { type TestRepo, writeScript } from './repo.ts';

/** Makes an editor of a shell script that finds the message file in `$1`; gives the environment that uses it. */
export async function editor(repo: TestRepo, script: string): Promise<{ GIT_EDITOR: string }> {
  const path = join(repo.home, 'editor');
  await writeScript(path, `#!/bin/sh\n${script}\n`);
  return { GIT_EDITOR: path };
}

/** An editor that puts a line before what is there, and remembers in `seen` what it was opened on. */
export function typing(repo: TestRepo, line: string): Promise<{ GIT_EDITOR: string }> {
  return editor(repo, `cp "$1" "$HOME/seen"\n{ printf '%s\\n' '${line}'; cat "$HOME/seen"; } >"$1"`);
}
