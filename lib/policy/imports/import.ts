import { AgentLogError } from '../../core/errors.ts';
import { redactTexts } from '../../core/records/redact.ts';
import { utcTime } from '../../core/utc-time.ts';
import { readConftest } from './conftest.ts';
import { readDanger } from './danger.ts';
import { readGithubChecks, readGithubReviews, readGithubRuleSuites } from './github.ts';
import { readGitlabApprovals, readGitlabExternalStatus } from './gitlab.ts';
import {
  type Approval,
  type Finding,
  type Imported,
  type ImportedApproval,
  type ImportedResults,
  type Report,
  refused,
} from './imported.ts';
import { readJunit } from './junit.ts';
import { readOpa } from './opa.ts';
import { readGatekeeper, readPolicyReport } from './policy-report.ts';
import { readSarif } from './sarif.ts';

/** Formats results of other tools are read in. */
export type ResultFormat =
  | 'conftest'
  | 'danger'
  | 'gatekeeper'
  | 'github-checks'
  | 'github-reviews'
  | 'github-rule-suites'
  | 'gitlab-approvals'
  | 'gitlab-external-status'
  | 'junit'
  | 'opa'
  | 'policy-report'
  | 'sarif';

const READERS: Readonly<Record<ResultFormat, (text: string) => Report>> = {
  conftest: readConftest,
  danger: readDanger,
  gatekeeper: readGatekeeper,
  'github-checks': readGithubChecks,
  'github-reviews': readGithubReviews,
  'github-rule-suites': readGithubRuleSuites,
  'gitlab-approvals': readGitlabApprovals,
  'gitlab-external-status': readGitlabExternalStatus,
  junit: readJunit,
  opa: readOpa,
  'policy-report': readPolicyReport,
  sarif: readSarif,
};

/** All of them, in the order of the alphabet. */
export const RESULT_FORMATS: readonly ResultFormat[] = Object.keys(READERS) as ResultFormat[];

/** A file over this is refused before it is read. */
export const MAX_RESULT_BYTES: number = 64 * 1024 * 1024;
/** Results that become records of their own. */
const MAX_RESULTS = 10_000;

/**
 * Reads what another tool found, as decision records have it. Nothing the file says is believed about whose it is: where a format
 * names the commit it looked at, that is given back to be compared. A file without any result is refused: nothing shows that
 * anything was looked at.
 */
export function importResults(format: ResultFormat, bytes: Uint8Array): ImportedResults {
  const report = READERS[format](textOf(bytes));
  const approvals = report.approvals ?? [];
  if (report.findings.length + approvals.length === 0) throw nothingIn(format);
  const { kept, notes } = limited(report.findings);
  return {
    results: kept.map((finding) => imported(finding, report, format)),
    approvals: approvals.slice(0, MAX_RESULTS).map((approval) => importedApproval(approval, format)),
    tool: cut(report.tool, 200),
    version: report.version == null ? null : cut(report.version, 200),
    notes: [...(report.notes ?? []), ...notes],
  };
}

function textOf(bytes: Uint8Array): string {
  if (bytes.byteLength > MAX_RESULT_BYTES)
    throw refused(`${bytes.byteLength} bytes are more than ${MAX_RESULT_BYTES}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw refused('it is not UTF-8', cause);
  }
}

function nothingIn(format: ResultFormat): AgentLogError {
  return new AgentLogError('NOT_FOUND', 'answer', `the file has no result of ${format}`, {
    hints: [
      'a tool that found no rules often ends well: see that it evaluated something, and what it wrote',
      'without anything to import, leave --import out; a rule of the policy can then ask for it',
    ],
  });
}

/** What denies comes first where not all can be kept, and the rest is counted. */
function limited(findings: readonly Finding[]): { kept: readonly Finding[]; notes: string[] } {
  if (findings.length <= MAX_RESULTS) return { kept: findings, notes: [] };
  const rank = ({ result, enforce }: Finding): number => RANKS[result] + (enforce === 'audit' ? 10 : 0);
  const sorted = [...findings].sort((a, b) => rank(a) - rank(b));
  const left = new Map<string, number>();
  for (const { result } of sorted.slice(MAX_RESULTS)) left.set(result, (left.get(result) ?? 0) + 1);
  const counts = [...left].map(([result, number]) => `${number} ${result}`).join(', ');
  return {
    kept: sorted.slice(0, MAX_RESULTS),
    notes: [`${findings.length} results: the ${MAX_RESULTS} worst are kept, ${counts} are left out`],
  };
}

const RANKS: Readonly<Record<Imported['result'], number>> = { error: 0, fail: 1, warn: 2, skip: 3, pass: 4 };

function imported(finding: Finding, report: Report, format: ResultFormat): Imported {
  const { rule, severity, enforce, result, message, tool, version, at, ref, commit } = finding;
  const when = at == null ? undefined : utcTime(at);
  return {
    rule: cut(rule, 500) || 'unnamed',
    severity: severity ?? 'medium',
    enforce: enforce ?? (result === 'warn' ? 'warn' : 'deny'),
    result,
    message: message == null || message === '' ? null : cut(message, 2000),
    source: {
      kind: 'import',
      tool: cut(tool ?? report.tool, 200) || format,
      version: version == null && report.version == null ? null : cut(version ?? report.version ?? '', 200),
      format,
      ...(when === undefined ? {} : { at: when }),
      ...(ref == null || ref === '' ? {} : { ref: cut(ref, 2000) }),
    },
    ...(commit === undefined ? {} : { commit }),
  };
}

function importedApproval(approval: Approval, format: ResultFormat): ImportedApproval {
  const { account, name, at, commit } = approval;
  return {
    imported: { format, account: cut(account, 200), ...(at === null ? {} : { at }) },
    name: name === null ? null : cut(name, 200),
    note: null,
    ...(commit === undefined ? {} : { commit }),
  };
}

/** At most so many letters, and no half of a character at the end. */
function cut(text: string | null, length: number): string {
  const whole = text ?? '';
  return whole.length <= length ? whole : `${whole.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The same with secrets taken out of what tools and people wrote: before anything of it is recorded. */
export async function cleanResults(found: ImportedResults): Promise<ImportedResults> {
  const texts = [
    ...new Set(found.results.flatMap(({ rule, message, source }) => [rule, message ?? '', source.ref ?? ''])),
  ];
  const redacted = await redactTexts(texts);
  const clean = new Map(texts.map((text, i) => [text, redacted[i]?.text ?? '']));
  const of = (text: string): string => clean.get(text) ?? '';
  const results = found.results.map((result) => ({
    ...result,
    rule: cut(of(result.rule), 500) || 'unnamed',
    message: result.message === null ? null : cut(of(result.message), 2000),
    source:
      result.source.ref === undefined
        ? result.source
        : { ...result.source, ref: cut(of(result.source.ref), 2000) },
  }));
  return { ...found, results };
}
