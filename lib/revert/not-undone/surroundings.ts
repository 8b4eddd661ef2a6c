import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { ExecutionRecord } from '../../core/records/record.ts';
import { approvalsFor, readCodeOwners } from '../../identity/owners/code-owners.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { PlanBody, PlanFlags } from '../ways/way.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import type { Case } from '../working-out/settle-shared.ts';
import { affectedBy } from './affected.ts';
import { effectsOf } from './effects.ts';
import { storedElsewhere } from './elsewhere.ts';
import { releasedIn } from './released.ts';
import { secretsAdded } from './secrets.ts';

/** What is to go, and what looking for secrets in it comes to. */
interface Around extends Pick<Case, 'units' | 'members' | 'situation'> {
  readonly secrets: Promise<readonly string[]>;
}

/** Looks for secrets in what is to go, while the rest is worked out. */
export function lookForSecrets(shop: Workshop, { history, going }: Case['situation']): Around['secrets'] {
  const secrets = secretsAdded(
    shop.scratch,
    history.changes.filter(({ commit }) => going.has(commit)),
  );
  // Whoever awaits it hears of a failure.
  secrets.catch(() => undefined);
  return secrets;
}

/**
 * A settled plan with what lies around it: what a revert does not undo, whose approval the files need, who has worked on them
 * since. It changes no verdict but that of a migration, which nobody should take away unasked.
 */
export async function withSurroundings(
  ledger: Ledger,
  shop: Workshop,
  { units, members, situation, secrets: found }: Around,
  body: PlanBody,
  flags: PlanFlags,
): Promise<PlanBody> {
  if (body.verdict !== 'clean' && body.verdict !== 'needs-decision') return body;
  const { going, place, tip } = situation;
  const oldest = units[0]?.commit ?? tip.oid;
  const paths = body.files.map(({ path }) => path);
  const goes = new Set([...going, ...units.flatMap((unit) => unit.members)]);
  const [released, secrets, effects, elsewhere, owners, affected] = await Promise.all([
    releasedIn(place, oldest),
    found,
    effectsIn(
      members.map(({ stored }) => stored.record),
      flags,
    ),
    body.resultTree === null
      ? []
      : storedElsewhere(shop, { from: tip.tree, to: body.resultTree }, body.files),
    readCodeOwners(ledger.reader, tip.tree),
    affectedBy(ledger, oldest, tip.oid, paths, goes),
  ]);
  const migrations = migrationsIn(body.files);
  const told = migrations.length === 0 ? [] : [`${listed(migrations)}: ${FORWARD}`];
  const notUndone = [...released, ...secrets, ...told, ...effects, ...elsewhere];
  const around = { ...body, notUndone, approvals: approvalsFor(owners, paths), affected };
  return migrations.length === 0 || flags.acceptPivots === true ? around : heldBack(around, migrations);
}

const FORWARD = 'what a migration did to a database stays: it takes another one, forward';

/** A migration is a pivot: whether its file may go is not for the files to say. */
function heldBack(body: PlanBody, migrations: readonly string[]): PlanBody {
  if (body.resultTree === null) return body;
  return {
    ...body,
    verdict: 'needs-decision',
    resultTree: null,
    why: [
      ...body.why,
      `${listed(migrations)}: a database migration. Write one forward, or say --accept-pivots`,
    ],
    options: [{ flag: '--accept-pivots', verdict: 'clean', adds: [] }],
  };
}

/** Words about migrations and their documentation are none. */
function migrationsIn(files: RevertPlan['files']): string[] {
  return files
    .filter(({ path, classes }) => classes.includes('data-migration') && !/\.(md|rst|txt|adoc)$/i.test(path))
    .map(({ path }) => path);
}

function listed(paths: readonly string[]): string {
  return paths.length <= 3
    ? paths.join(', ')
    : `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more`;
}

/** Texts are where the agent worked; elsewhere it is said that they are not known. */
async function effectsIn(records: readonly ExecutionRecord[], { readTexts }: PlanFlags): Promise<string[]> {
  const unique = new Map(
    records.flatMap(({ toolCalls, agent }) =>
      toolCalls.map((call) => [`${agent.sessionId} ${call.id}`, call]),
    ),
  );
  const texts = readTexts === undefined ? new Map<string, string>() : await readTexts(records);
  return effectsOf(
    [...unique.values()].map(({ name, status, args }) => ({
      name,
      status,
      text: args === null ? null : (texts.get(args.digest) ?? null),
    })),
  );
}
