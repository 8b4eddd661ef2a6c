import { utcTime } from '../../core/utc-time.ts';
import { at, commitId, count, json, list, text, word } from './fields.ts';
import { type Approval, type Finding, incomplete, type Report, refused } from './imported.ts';

/** The items of an answer of GitHub: a list, a list of pages (`gh api --paginate --slurp`), or an object that holds it by name. */
function pages(input: string, name: string | null): { items: readonly unknown[]; total: number } {
  const value = json(input);
  const all = Array.isArray(value) ? (value as unknown[]) : [value];
  if (name === null) return { items: all.flat(), total: 0 };
  const holding = all.filter((page) => Array.isArray(at(page, name)));
  const items = holding.length === 0 ? all.flat() : holding.flatMap((page) => list(page, name));
  return { items, total: Math.max(0, ...holding.map((page) => count(page, 'total_count') ?? 0)) };
}

const CONCLUSIONS: ReadonlyMap<string, Finding['result']> = new Map([
  ['success', 'pass'],
  ['failure', 'fail'],
  ['timed_out', 'fail'],
  ['action_required', 'fail'],
  ['startup_failure', 'fail'],
  ['neutral', 'skip'],
  ['skipped', 'skip'],
]);

/** `GET /repos/{owner}/{repo}/commits/{ref}/check-runs`. What GitHub lets pass without a verdict (neutral, skipped) is told as that. */
export function readGithubChecks(input: string): Report {
  const { items, total } = pages(input, 'check_runs');
  const runs = items.filter((run) => text(run, 'name') !== null && at(run, 'status') !== undefined);
  if (runs.length < items.length) throw refused('it is no list of check runs');
  const findings = runs.map(checkRun);
  if (total > runs.length)
    findings.push(
      incomplete(
        'check-runs',
        `GitHub has ${total} check runs, the file holds ${runs.length}: fetch all pages`,
      ),
    );
  return { tool: 'github', findings };
}

function checkRun(run: unknown): Finding {
  const conclusion = text(run, 'conclusion');
  const status = text(run, 'status') ?? 'unknown';
  const done = status === 'completed';
  return {
    rule: text(run, 'name'),
    result: (done ? CONCLUSIONS.get(conclusion ?? '') : undefined) ?? 'error',
    message: [done ? (conclusion ?? 'no conclusion') : status, text(run, 'output', 'title')]
      .filter((part) => part !== null)
      .join(': '),
    tool: text(run, 'app', 'slug'),
    at: utcTime(text(run, 'completed_at') ?? '') ?? null,
    ref: text(run, 'html_url') ?? text(run, 'details_url') ?? word(run, 'id'),
    commit: commitId(run, 'head_sha'),
  };
}

const REVIEWS: ReadonlyMap<string, Finding['result']> = new Map([
  ['APPROVED', 'pass'],
  ['CHANGES_REQUESTED', 'fail'],
  ['COMMENTED', 'skip'],
  ['DISMISSED', 'skip'],
  ['PENDING', 'skip'],
]);

/** `GET /repos/{owner}/{repo}/pulls/{number}/reviews`: of each person the last word counts, and a comment takes none back. */
export function readGithubReviews(input: string): Report {
  const { items } = pages(input, null);
  const reviews = items.filter((review) => REVIEWS.has(stateOf(review)));
  if (reviews.length < items.length) throw refused('it is no list of reviews');
  const people = reviews.filter((review) => text(review, 'user', 'login') !== null && !isBot(review));
  const last = new Map<string, unknown>();
  for (const review of inOrder(people)) {
    const login = text(review, 'user', 'login')?.toLowerCase() ?? '';
    if (!last.has(login) || !['COMMENTED', 'PENDING'].includes(stateOf(review))) last.set(login, review);
  }
  const others = reviews.length - people.length;
  return {
    tool: 'github',
    findings: [...last.values()].map(reviewed),
    approvals: [...last.values()].filter((review) => stateOf(review) === 'APPROVED').map(approvalOf),
    notes: others === 0 ? [] : [`${others} reviews by bots or by accounts that are gone were left out`],
  };
}

function stateOf(review: unknown): string {
  return (text(review, 'state') ?? '').toUpperCase();
}

function isBot(review: unknown): boolean {
  return text(review, 'user', 'type') === 'Bot' || /\[bot\]$/i.test(text(review, 'user', 'login') ?? '');
}

function inOrder(reviews: readonly unknown[]): unknown[] {
  const time = (review: unknown): number => Date.parse(text(review, 'submitted_at') ?? '') || 0;
  return reviews
    .map((review, place) => ({ review, place, time: time(review) }))
    .sort((a, b) => a.time - b.time || a.place - b.place)
    .map(({ review }) => review);
}

function reviewed(review: unknown): Finding {
  const login = text(review, 'user', 'login') ?? '?';
  return {
    rule: `review by ${login}`,
    result: REVIEWS.get(stateOf(review)) ?? 'error',
    message: `${login}: ${stateOf(review).toLowerCase().replaceAll('_', ' ')}`,
    at: utcTime(text(review, 'submitted_at') ?? '') ?? null,
    ref: text(review, 'html_url') ?? word(review, 'id'),
    commit: commitId(review, 'commit_id'),
  };
}

function approvalOf(review: unknown): Approval {
  return {
    account: text(review, 'user', 'login') ?? '?',
    name: text(review, 'user', 'name'),
    at: utcTime(text(review, 'submitted_at') ?? '') ?? null,
    commit: commitId(review, 'commit_id'),
  };
}

/** `GET /repos/{owner}/{repo}/rulesets/rule-suites/{id}`, or a list of these. */
export function readGithubRuleSuites(input: string): Report {
  const { items } = pages(input, null);
  if (items.some((suite) => text(suite, 'result') === null || commitId(suite, 'after_sha') === undefined))
    throw refused('it is no rule suite');
  return { tool: 'github', findings: items.flatMap(ruleSuite) };
}

function ruleSuite(suite: unknown): Finding[] {
  const common = {
    at: utcTime(text(suite, 'pushed_at') ?? '') ?? null,
    ref: word(suite, 'id'),
    commit: commitId(suite, 'after_sha'),
  };
  const evaluations = list(suite, 'rule_evaluations').map((rule) => ({ ...evaluation(rule), ...common }));
  const result = (text(suite, 'result') ?? '').toLowerCase();
  if (result === 'bypass') {
    const who = text(suite, 'actor_name') ?? word(suite, 'actor_id') ?? 'somebody GitHub does not name';
    const message = `the rules of the host were bypassed by ${who}`;
    return [{ rule: 'rule suite', result: 'fail', severity: 'high', message, ...common }, ...evaluations];
  }
  const said: Finding['result'] = result === 'pass' || result === 'fail' ? result : 'error';
  const told = evaluations.some(
    (one) => one.enforce === 'deny' && (said === 'pass' || one.result !== 'pass'),
  );
  return told
    ? evaluations
    : [{ rule: 'rule suite', result: said, message: `result ${result}`, ...common }, ...evaluations];
}

function evaluation(rule: unknown): Finding {
  const result = (text(rule, 'result') ?? '').toLowerCase();
  const source = text(rule, 'rule_source', 'name') ?? text(rule, 'rule_source', 'type') ?? 'rule';
  const details = text(rule, 'details');
  const active = text(rule, 'enforcement') === 'active';
  return {
    rule: `${source}/${text(rule, 'rule_type') ?? 'unnamed'}`,
    result: result === 'pass' || result === 'fail' ? result : result === 'bypass' ? 'fail' : 'error',
    enforce: active ? 'deny' : 'audit',
    message:
      [active ? null : 'not enforced by the host', details].filter((part) => part !== null).join(': ') ||
      null,
  };
}
