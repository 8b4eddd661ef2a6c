import { at, count, isObject, json, list, text } from './fields.ts';
import { type Finding, incomplete, type Report, refused } from './imported.ts';

const RESULTS: ReadonlySet<string> = new Set(['pass', 'fail', 'warn', 'error', 'skip']);
const SEVERITIES: ReadonlySet<string> = new Set(['critical', 'high', 'medium', 'low', 'info']);
const KINDS = /^(Cluster)?(Policy)?Report$/;

/** PolicyReport and OpenReports, one object or a list of them, as `kubectl get -o json` prints them. */
export function readPolicyReport(input: string): Report {
  const value = json(input);
  const reports = Array.isArray(at(value, 'items')) ? list(value, 'items') : [value];
  if (reports.some((report) => !KINDS.test(text(report, 'kind') ?? '')))
    throw refused('it is no PolicyReport');
  const findings = reports.flatMap((report) => {
    const results = list(report, 'results').map((result) => findingOf(report, result));
    return [...results, ...lacking(report, results.length)];
  });
  const tools = new Set(findings.map(({ tool }) => tool ?? 'policy-report'));
  return { tool: [...tools].join(', ') || 'policy-report', findings };
}

function lacking(report: unknown, found: number): Finding[] {
  const says = [...RESULTS].reduce((sum, name) => sum + (count(report, 'summary', name) ?? 0), 0);
  if (says <= found) return [];
  return [incomplete(nameOf(report), `its summary counts ${says} results, and it holds ${found}`)];
}

function nameOf(report: unknown): string {
  return text(report, 'metadata', 'name') ?? 'report';
}

function findingOf(report: unknown, result: unknown): Finding {
  const said = text(result, 'result') ?? text(result, 'status') ?? '';
  const severity = text(result, 'severity') ?? '';
  const rule = [text(result, 'policy'), text(result, 'rule')].filter((part) => part !== null).join('/');
  const resources = list(result, 'resources').slice(0, 5).map(resourceName);
  return {
    rule,
    result: RESULTS.has(said) ? (said as Finding['result']) : 'error',
    severity: SEVERITIES.has(severity) ? (severity as Finding['severity']) : undefined,
    enforce: at(result, 'scored') === false ? 'audit' : undefined,
    message: [text(result, 'message') ?? text(result, 'description'), ...resources]
      .filter((part) => part !== null)
      .join('; '),
    tool: text(result, 'source') ?? text(report, 'source'),
    at: timeOf(at(result, 'timestamp')),
  };
}

function resourceName(resource: unknown): string {
  const parts = [text(resource, 'kind'), text(resource, 'namespace'), text(resource, 'name')];
  return parts.filter((part) => part !== null).join('/');
}

function timeOf(timestamp: unknown): string | null {
  const seconds = count(timestamp, 'seconds');
  if (seconds === null || seconds > 8_000_000_000) return null;
  return new Date(seconds * 1000).toISOString();
}

const ACTIONS: ReadonlyMap<string, Finding['enforce']> = new Map([
  ['deny', 'deny'],
  ['warn', 'warn'],
  ['dryrun', 'audit'],
]);

/** Gatekeeper's constraints with their audit: a list of violations that is cut at a limit of its own. */
export function readGatekeeper(input: string): Report {
  const value = json(input);
  const constraints = Array.isArray(at(value, 'items')) ? list(value, 'items') : [value];
  if (constraints.some((one) => !isObject(at(one, 'spec')) || text(one, 'kind') === null))
    throw refused('it is no constraint');
  return { tool: 'gatekeeper', findings: constraints.flatMap(constraintFindings) };
}

function constraintFindings(constraint: unknown): Finding[] {
  const rule = `${text(constraint, 'kind') ?? '?'}/${nameOf(constraint)}`;
  const total = count(constraint, 'status', 'totalViolations');
  const audited = text(constraint, 'status', 'auditTimestamp');
  const when = { at: audited };
  if (total === null || audited === null) return [incomplete(rule, 'Gatekeeper has not audited it')];
  const violations = list(constraint, 'status', 'violations');
  const found = violations.map(
    (violation): Finding => ({
      rule,
      result: 'fail',
      enforce: ACTIONS.get(text(violation, 'enforcementAction') ?? 'deny') ?? 'deny',
      message: `${resourceName(violation)}: ${text(violation, 'message') ?? 'no message'}`,
      ...when,
    }),
  );
  if (total > violations.length)
    found.push(
      incomplete(rule, `${total} violations, and the list holds ${violations.length} of them`, when),
    );
  return found.length > 0 ? found : [{ rule, result: 'pass', ...when }];
}
