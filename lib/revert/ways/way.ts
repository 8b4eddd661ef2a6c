import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { ExecutionRecord } from '../../core/records/record.ts';
import { warningsFor } from '../checks/warnings.ts';
import type { Formatter } from '../kinds/format-trees.ts';
import type { Refinements } from '../kinds/refined-merge.ts';
import type { Regenerator } from '../kinds/remake.ts';
import { filesOf } from '../telling/findings.ts';
import type { Workshop } from '../working-out/relaxed.ts';
import type { Situation } from '../working-out/situation.ts';

/** Decisions somebody has taken beforehand. */
export interface PlanFlags {
  /** Take what depends on it, too. */
  readonly withDependants?: boolean;
  /** Place by place instead of git's merge, where that refuses. */
  readonly relaxed?: boolean;
  /** Take back whatever nobody has touched since, and leave the rest. */
  readonly hunks?: boolean;
  /** Only the files git can take back whole. */
  readonly cleanPaths?: boolean;
  /** Take a commit whole, though somebody else's edits may be in it. */
  readonly acceptShared?: boolean;
  /** Also where it takes away what did something outside that can't be taken back: a database migration. */
  readonly acceptPivots?: boolean;
  /** The texts of records as far as this clone has them, by digest. */
  readonly readTexts?: (records: readonly ExecutionRecord[]) => Promise<ReadonlyMap<string, string>>;
  /** The most commits that may go besides the transaction's own. */
  readonly mostDependants?: number;
  /** Milliseconds planning may take; what commands of the user's take is not counted. As long as it takes when not given. */
  readonly budget?: number;
  /** Tells the milliseconds that count for it. */
  readonly clock?: () => number;
  /** Hears what planning is at, at every step, and null before something of the user's is run. */
  readonly onProgress?: (doing: string | null) => void;
  /** Whether a tree passes the verify command; not given when there is none. */
  readonly verify?: (tree: string) => Promise<boolean>;
  /** What the verify command printed about a tree: names of files and lines in it tell who depends on the work. */
  readonly complaints?: (tree: string) => string;
  /** Make files again that a tool makes of others, instead of merging them. */
  readonly regenerate?: boolean;
  /** The commands that do; not given when none is configured. */
  readonly regenerator?: Regenerator;
  /** The user's own formatter, for work that was reformatted since. */
  readonly formatter?: Formatter;
}

/** A plan but for what it is sealed with. */
export type PlanBody = Omit<RevertPlan, 'schema' | 'digest'>;
export type Option = RevertPlan['options'][number];

/** One way through, worked out: how it is offered, and what the plan is when it is taken. */
export interface Way {
  readonly option: Option;
  /** What it leads to, and every commit that goes for it. */
  readonly tree: string;
  readonly going: ReadonlySet<string>;
  /** Where it has another history in mind: one in which commits are divided by path. */
  readonly situation?: Situation;
  readonly dependants: RevertPlan['dependants'];
  /** What the verify command said of the tree; null or not given where it was not asked. */
  readonly verified?: boolean | null;
  /** Which files a tool has made again: no merge is to blame for them. */
  readonly isRemade?: (path: string) => boolean;
  readonly chosenBy: (flags: PlanFlags) => boolean;
  readonly apply: (body: PlanBody) => Promise<PlanBody>;
}

/** A plan with what it leads to, and what that does. */
export async function withTree(
  shop: Workshop,
  situation: Situation,
  body: PlanBody,
  { tree, going }: Pick<Way, 'tree' | 'going'>,
): Promise<PlanBody> {
  const files = await filesOf(shop.scratch, situation.tip.tree, tree);
  const warnings = await warningsFor(shop, situation, going, tree);
  return { ...body, resultTree: tree, files, warnings };
}

/** Which of the files that change were merged more finely than git does. */
export function refinedWarnings(told: Refinements, files: PlanBody['files']): PlanBody['warnings'] {
  return files.flatMap(({ path }) => {
    const text = told.get(path);
    return text === undefined ? [] : [{ kind: 'refined' as const, paths: [path], text }];
  });
}

/** What needed more than an exact merge is clean only once the verify command has passed. */
export function verdictOf(verified: boolean | null): 'clean' | 'needs-decision' {
  return verified === true ? 'clean' : 'needs-decision';
}

/** What the verify command says of a tree; null where there is none, or nothing to ask. */
export async function verifiedBy(
  { verify }: PlanFlags,
  { tip }: Situation,
  tree: string,
): Promise<boolean | null> {
  return verify === undefined || tree === tip.tree ? null : verify(tree);
}
