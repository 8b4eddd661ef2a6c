import { AgentLogError } from '../core/errors.ts';
import type { Person } from '../core/person.ts';
import type { ReplayRecord } from '../core/records/record.ts';
import { RISK_CLASSES, type RiskClass } from '../core/risk/risk.ts';
import { newUlid } from '../core/ulid.ts';
import { gitVersion } from '../git/process/version.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { appendReplays } from '../ledger/told/replays.ts';
import type { Outcome } from './outcome.ts';
import { verifyCommits } from './verify.ts';

export type ReplayEnvironment = ReplayRecord['environment'];

export interface ReplayOptions {
  /** Only what changed a file of one of these risk classes, the riskiest first. */
  readonly classes?: readonly RiskClass[];
  /** Of several records in one commit, those that are asked for, by digest and transaction in the record. */
  readonly isAsked?: (digest: string, txn: string) => boolean;
  /** Told how many commits were looked at. */
  readonly progress?: (done: number) => void;
}

/** Verifies commits by id, and tells of them in the order given, or the riskiest first. Writes nothing. */
export async function verifyWork(
  ledger: Ledger,
  commits: readonly string[],
  { classes, isAsked, progress }: ReplayOptions = {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const options = {
    ...(classes === undefined ? {} : { classes }),
    ...(isAsked === undefined ? {} : { isAsked }),
  };
  for await (const outcome of verifyCommits(ledger, commits, options)) {
    outcomes.push(outcome);
    progress?.(outcomes.length);
  }
  return classes === undefined ? outcomes : outcomes.sort((a, b) => riskOf(a) - riskOf(b));
}

function riskOf({ classes }: Outcome): number {
  const [risk] = classes;
  return risk === undefined ? RISK_CLASSES.length : RISK_CLASSES.indexOf(risk);
}

/** Risk classes by name. Throws BAD_ARGUMENT for one there is not. */
export function riskClasses(names: string): RiskClass[] {
  return names.split(',').map((name) => {
    const known = RISK_CLASSES.find((one) => one === name.trim());
    if (known !== undefined) return known;
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `no risk class is called '${name}'`, {
      hints: [`There are: ${RISK_CLASSES.join(', ')}.`],
    });
  });
}

/** Where work is replayed, and what contains it there. */
export async function replayEnvironment(
  { repo }: Ledger,
  containment?: ReplayEnvironment['containment'],
): Promise<ReplayEnvironment> {
  const { platform, arch, versions } = process;
  const own = containment === undefined ? {} : { containment };
  return { git: await gitVersion(repo), node: versions.node, platform, arch, ...own };
}

export type ReplayMode = ReplayRecord['mode'];

export interface Replayer {
  readonly mode: ReplayMode;
  readonly environment: ReplayEnvironment;
  readonly by: Person | null;
  /** `Name <email> seconds zone`, as git writes a committer. */
  readonly identity: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Writes what came of a replay into the ledger, in one commit of it; nothing of commits without a record. What was
 * known already is not written again. Gives the number of records that were.
 */
export async function recordReplays(
  ledger: Ledger,
  outcomes: readonly Outcome[],
  { mode, environment, by, identity, now }: Replayer,
): Promise<number> {
  const eligible = outcomes.filter(({ verdict }) => verdict !== 'skipped');
  if (eligible.length === 0) return 0;
  const records = eligible.map((outcome) => recordOf(outcome, { mode, environment, by, now }));
  const changed = await appendReplays(ledger, records, {
    identity,
    message: `agent-log: ${records.length === 1 ? 'a replay' : `${records.length} replays`}\n\nVia: replay\n`,
  });
  return changed.length;
}

function recordOf(
  outcome: Outcome,
  { mode, environment, by, now }: Omit<Replayer, 'identity'>,
): ReplayRecord {
  const { commit, txn, record, verdict, binding, sealed, coverage } = outcome;
  const { differences, differencesLeftOut, missing, problems } = outcome;
  return {
    schema: 'agent-log/replay/v1',
    id: newUlid(now),
    txn,
    record,
    commit,
    mode,
    verdict,
    binding,
    sealed,
    coverage,
    environment,
    differences: [...differences],
    ...(differencesLeftOut === undefined ? {} : { differencesLeftOut }),
    missing: [...missing],
    problems: [...problems],
    ...(outcome.calls === undefined ? {} : { calls: [...outcome.calls] }),
    ...(outcome.checks === undefined ? {} : { checks: [...outcome.checks] }),
    ...(outcome.similarity === undefined ? {} : { similarity: outcome.similarity }),
    by: by === null ? null : { name: by.name, email: by.email },
    recordedAt: new Date(now).toISOString(),
  };
}
