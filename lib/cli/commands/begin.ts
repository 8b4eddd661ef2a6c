import { sealConfig } from '../../capture/commit/context.ts';
import { beginTxn } from '../../capture/transaction/manual.ts';
import { openRepository } from '../shared/open.ts';
import { readOpenFlags } from '../shared/open-flags.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';

export async function run(io: Io, _args: readonly string[], flags: Flags): Promise<number> {
  const repo = await openRepository(io);
  const options = await readOpenFlags(io, flags);
  const state = await beginTxn({ repo, config: await sealConfig(repo), env: io.env, now: io.now }, options);
  io.print(
    flags['json'] === true
      ? `${JSON.stringify({ schema: 'agent-log/begin/v1', txn: state.txn })}\n`
      : `${state.txn}\n`,
  );
  io.say('Every commit in this worktree belongs to it until `git agent-log end`.\n');
  return 0;
}
