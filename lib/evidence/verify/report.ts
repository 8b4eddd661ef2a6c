import type { VerifyDocument } from '../../core/generated/verify-v1.types.ts';

export type { VerifyDocument };
export type Check = VerifyDocument['checks'][number];
type Finding = Check['problems'][number];

/** Every check there is, what says most of a tampering first. A list of checks is told in this order. */
const CHECKS = [
  'container',
  'manifest',
  'files',
  'maker',
  'pack',
  'notes',
  'objects',
  'paths',
  'records',
  'placement',
  'completeness',
  'bindings',
  'patches',
  'chains',
  'history',
  'signatures',
  'signers',
  'policies',
  'subjects',
  'checkpoints',
  'texts',
  'claims',
  'gaps',
  'diffs',
  'readings',
  'coverage',
  'full-history',
  'repository',
  'target',
  'pinned',
  'environment',
  'population',
] as const;

export type CheckName = (typeof CHECKS)[number];

/** Findings of one check that are listed. The rest is counted. */
const MOST_LISTED = 100;
const MOST_TEXT = 1000;

interface Entry {
  checked: number;
  says: string | null;
  problems: Finding[];
  problemsLeftOut: number;
  unknown: Finding[];
  unknownLeftOut: number;
}

/** What the checks found, gathered while they run. Memory does not grow with what is wrong. */
export class Report {
  readonly #entries = new Map<CheckName, Entry>();
  readonly #population = new Map<string, number>();

  /** Things that were looked at; with none it says that the check was made. */
  checked(name: CheckName, count = 1): void {
    this.#entry(name).checked += count;
  }

  fails(name: CheckName, of: string | null, says: string): void {
    const entry = this.#entry(name);
    if (entry.problems.length < MOST_LISTED) entry.problems.push(finding(of, says));
    else entry.problemsLeftOut++;
  }

  unknown(name: CheckName, of: string | null, says: string): void {
    const entry = this.#entry(name);
    if (entry.unknown.length < MOST_LISTED) entry.unknown.push(finding(of, says));
    else entry.unknownLeftOut++;
  }

  /** What there is to know of a check, whatever came of it. */
  says(name: CheckName, says: string): void {
    const entry = this.#entry(name);
    entry.says = entry.says === null ? says : `${entry.says}; ${says}`;
  }

  counts(kind: string, count = 1): void {
    this.#population.set(kind, (this.#population.get(kind) ?? 0) + count);
  }

  count(kind: string): number {
    return this.#population.get(kind) ?? 0;
  }

  checkedOf(name: CheckName): number {
    return this.#entries.get(name)?.checked ?? 0;
  }

  hasFailed(): boolean {
    return [...this.#entries.values()].some(({ problems }) => problems.length > 0);
  }

  population(): Record<string, number> {
    return Object.fromEntries([...this.#population].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Those that were made, in their order. */
  checks(): Check[] {
    return CHECKS.flatMap((name) => {
      const entry = this.#entries.get(name);
      return entry === undefined ? [] : [{ name, result: resultOf(entry), ...entry }];
    });
  }

  #entry(name: CheckName): Entry {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const entry: Entry = {
      checked: 0,
      says: null,
      problems: [],
      problemsLeftOut: 0,
      unknown: [],
      unknownLeftOut: 0,
    };
    this.#entries.set(name, entry);
    return entry;
  }
}

function resultOf({ problems, unknown }: Entry): Check['result'] {
  if (problems.length > 0) return 'fail';
  return unknown.length > 0 ? 'not-checkable' : 'pass';
}

function finding(of: string | null, says: string): Finding {
  return { of: of === null ? null : of.slice(0, MOST_TEXT), says: says.slice(0, MOST_TEXT) };
}

/** What was verified, and against what. */
export interface Verified {
  readonly subject: VerifyDocument['subject'];
  readonly trusted: VerifyDocument['trusted'];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function documentOf(report: Report, { subject, trusted, now }: Verified): VerifyDocument {
  const checks = report.checks();
  const first = checks.find(({ result }) => result === 'fail')?.name ?? null;
  return {
    schema: 'agent-log/verify/v1',
    subject: { ...subject },
    verifiedAt: new Date(now).toISOString(),
    ok: first === null,
    first,
    trusted: [...trusted],
    population: report.population(),
    checks,
  };
}
