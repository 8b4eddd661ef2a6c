import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import { holderOfToken, type TokenHolder } from '../../identity/oidc/sponsor.ts';
import { readRoster } from '../../identity/roster/read.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { txnNamed } from '../../ledger/reading/txn.ts';
import { changeTarget } from '../../ledger/told/change-target.ts';
import { withLedger } from '../shared/open.ts';
import { textFlag } from '../shared/open-flags.ts';
import { lastOf, sayAndPrint } from '../shared/saying.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  return withLedger(io, async (ledger) => {
    const found = await txnNamed(ledger, args[0] ?? 'HEAD');
    const said = { kind: 'sponsorship', named: lastOf(found, flags), txn: found.txn } as const;
    return sayAndPrint(io, ledger, said, flags, await tokenHolder(io, ledger, flags));
  });
}

/** Whom the token of a pipeline names, by the issuers that the target trusts. */
async function tokenHolder(io: Io, ledger: Ledger, flags: Flags): Promise<TokenHolder | undefined> {
  const path = textFlag(flags, 'oidcToken');
  if (path === undefined) return undefined;
  const target = await changeTarget(ledger, textFlag(flags, 'target'));
  const roster = await readRoster(ledger.reader, target.commit);
  return holderOfToken(await tokenIn(resolve(io.cwd, path)), roster, io.now);
}

const MAX_BYTES = 64 * 1024;

/** No more than a token can be, whatever the path leads to. */
async function tokenIn(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, null);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new AgentLogError('BAD_ARGUMENT', 'usage', "the token can't be read", {
      cause,
      hints: ['--oidc-token FILE: the token as the pipeline got it, and nothing else.'],
    });
  }
}
