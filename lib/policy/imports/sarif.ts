import { utcTime } from '../../core/utc-time.ts';
import { at, commitId, count, isObject, json, list, text, word } from './fields.ts';
import { type Finding, type Imported, incomplete, type Report, refused } from './imported.ts';

/** SARIF 2.1.0. */
export function readSarif(input: string): Report {
  const log = json(input);
  if (text(log, 'version') !== '2.1.0' || !Array.isArray(at(log, 'runs')))
    throw refused('it is no SARIF of version 2.1.0');
  const runs = list(log, 'runs');
  const tools = [...new Set(runs.map((run) => toolOf(run).tool))];
  return {
    tool: tools.join(', ') || 'sarif',
    version: runs.length === 1 ? toolOf(runs[0]).version : null,
    findings: runs.flatMap(findingsOfRun),
  };
}

type Common = Pick<Finding, 'tool' | 'version' | 'at' | 'commit'>;

function toolOf(run: unknown): { readonly tool: string; readonly version: string | null } {
  const driver = at(run, 'tool', 'driver');
  return {
    tool: text(driver, 'name') ?? 'an unnamed tool',
    version: text(driver, 'semanticVersion') ?? text(driver, 'version'),
  };
}

function findingsOfRun(run: unknown): Finding[] {
  const ends = list(run, 'invocations').map((invocation) => text(invocation, 'endTimeUtc'));
  const common: Common = {
    ...toolOf(run),
    at: utcTime(ends.at(-1) ?? '') ?? null,
    commit: commitId(list(run, 'versionControlProvenance')[0], 'revisionId'),
  };
  const rules = rulesOf(run);
  const found = list(run, 'results').map((result) => findingOf(result, rules, common));
  return [...found, ...lacking(run, found.length, rules.all.length, common)];
}

/** What makes a run with no finding, or with fewer than there were, no proof of anything. */
function lacking(run: unknown, found: number, rules: number, common: Common): Finding[] {
  const { tool = 'the tool' } = common;
  const error = (message: string): Finding => incomplete(`${tool}/run`, message, common);
  const failed = list(run, 'invocations').some((it) => at(it, 'executionSuccessful') === false);
  if (failed) return [error(`${tool} says that its run failed`)];
  if (list(run, 'externalPropertyFileReferences', 'results').length > 0)
    return [error('its results lie in other files')];
  if (!Array.isArray(at(run, 'results'))) return [error(`${tool} wrote no list of results: it did not look`)];
  if (found > 0) return [];
  if (rules === 0) return [error(`${tool} found nothing, and names no rule it evaluated`)];
  return [{ rule: `${tool}/run`, result: 'pass', message: `${rules} rules found nothing`, ...common }];
}

interface Rules {
  readonly all: readonly unknown[];
  readonly driver: readonly unknown[];
  readonly extensions: readonly (readonly unknown[])[];
  readonly byId: ReadonlyMap<string, unknown>;
}

function rulesOf(run: unknown): Rules {
  const driver = list(run, 'tool', 'driver', 'rules');
  const extensions = list(run, 'tool', 'extensions').map((extension) => list(extension, 'rules'));
  const all = [...driver, ...extensions.flat()];
  return { all, driver, extensions, byId: new Map(all.map((rule) => [text(rule, 'id') ?? '', rule])) };
}

/** The rule of a result: by its place in the component it names, or by its id. */
function ruleOf(result: unknown, rules: Rules): unknown {
  const index = count(result, 'rule', 'index') ?? count(result, 'ruleIndex');
  const component = count(result, 'rule', 'toolComponent', 'index');
  const place = component === null ? rules.driver : rules.extensions[component];
  const id = text(result, 'ruleId') ?? text(result, 'rule', 'id');
  const placed = index === null ? undefined : place?.[index];
  if (isObject(placed) && (id === null || id.startsWith(text(placed, 'id') ?? '\0'))) return placed;
  return id === null ? undefined : rules.byId.get(id);
}

function findingOf(result: unknown, rules: Rules, common: Common): Finding {
  const rule = ruleOf(result, rules);
  const level = text(result, 'level') ?? text(rule, 'defaultConfiguration', 'level') ?? 'warning';
  const severity = severityOf(rule, level);
  const ref = text(result, 'guid') ?? text(result, 'correlationGuid');
  return {
    rule: text(result, 'ruleId') ?? text(result, 'rule', 'id') ?? text(rule, 'id'),
    ...common,
    severity,
    ref,
    ...judged(result, level, `${placeOf(result)}${messageOf(result, rule)}`),
  };
}

type Judged = Pick<Finding, 'result' | 'enforce' | 'message'>;

/** A kind other than fail has no level, whatever the file says. */
function judged(result: unknown, level: string, message: string): Judged {
  const kind = text(result, 'kind') ?? 'fail';
  if (kind === 'pass') return { result: 'pass', message };
  if (kind === 'notApplicable' || kind === 'informational') return { result: 'skip', message };
  if (text(result, 'baselineState') === 'absent')
    return { result: 'skip', message: `no longer there: ${message}` };
  const waived = suppressed(result);
  if (waived !== null)
    return { result: 'fail', enforce: waived.enforce, message: `${waived.says}: ${message}` };
  if (kind === 'open' || kind === 'review') return { result: 'fail', message: `${kind}: ${message}` };
  if (kind !== 'fail') return { result: 'error', message: `of the unknown kind ${kind}: ${message}` };
  return { result: level === 'error' ? 'fail' : 'warn', message };
}

/**
 * In force only when all suppressions are accepted, and one without a status is. What stands in the source may have been written by
 * the author of the change: it is told, and takes nothing back.
 */
function suppressed(result: unknown): { enforce: Imported['enforce']; says: string } | null {
  const all = list(result, 'suppressions');
  if (all.length === 0 || all.some((one) => (text(one, 'status') ?? 'accepted') !== 'accepted')) return null;
  const inSource = all.some((one) => text(one, 'kind') !== 'external');
  const why = all.map((one) => text(one, 'justification')).find((one) => one !== null);
  const where = inSource ? 'in the source' : 'outside the source';
  return {
    enforce: inSource ? 'deny' : 'warn',
    says: `waived by the tool ${where}${why == null ? '' : ` (${why.slice(0, 300)})`}`,
  };
}

function severityOf(rule: unknown, level: string): Imported['severity'] {
  const score = Number.parseFloat(word(rule, 'properties', 'security-severity') ?? '');
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  if (score > 0) return 'low';
  return LEVELS.get(level) ?? 'medium';
}

const LEVELS: ReadonlyMap<string, Imported['severity']> = new Map([
  ['error', 'high'],
  ['warning', 'medium'],
  ['note', 'low'],
  ['none', 'info'],
]);

function placeOf(result: unknown): string {
  const place = at(list(result, 'locations')[0], 'physicalLocation');
  const file = text(place, 'artifactLocation', 'uri');
  const line = count(place, 'region', 'startLine');
  return file === null ? '' : `${file.slice(0, 500)}${line === null ? '' : `:${line}`}: `;
}

function messageOf(result: unknown, rule: unknown): string {
  const id = text(result, 'message', 'id');
  return (
    text(result, 'message', 'text') ??
    (id === null ? null : text(rule, 'messageStrings', id, 'text')) ??
    text(result, 'message', 'markdown') ??
    'no message'
  );
}
