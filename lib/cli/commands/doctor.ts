import { sealConfig } from '../../capture/commit/context.ts';
import { examine } from '../../capture/doctor/doctor.ts';
import { withLedger } from '../shared/open.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { renderFindings } from '../views/doctor.ts';

export function run(io: Io, _args: readonly string[], flags: Flags): Promise<number> {
  return withLedger(io, async (ledger) => {
    const findings = await examine(ledger, await sealConfig(ledger.repo), io.env);
    const ok = findings.every(({ state }) => state !== 'bad');
    if (flags['json'] === true)
      io.print(`${JSON.stringify({ schema: 'agent-log/doctor/v1', ok, findings })}\n`);
    else io.print(renderFindings(findings, io.paint));
    return ok ? 0 : 1;
  });
}
