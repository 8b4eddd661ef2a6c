import { utcTime } from '../../core/utc-time.ts';
import { at, count, isObject, json, list, text, word } from './fields.ts';
import { type Approval, type Finding, incomplete, type Report, refused } from './imported.ts';

const NO_COMMIT =
  "GitLab's answer does not say which commit was approved: ask for it right after the pipeline ran";

/** `GET /projects/{id}/merge_requests/{iid}/approvals`, or `…/approval_state` with its rules. */
export function readGitlabApprovals(input: string): Report {
  const value = json(input);
  const rules = Array.isArray(at(value, 'rules')) ? list(value, 'rules') : null;
  const whole = count(value, 'approvals_required') !== null && Array.isArray(at(value, 'approved_by'));
  if (rules === null && !whole) throw refused('it is neither approvals nor an approval state of GitLab');
  const people = (rules ?? [value]).flatMap((holder) => list(holder, 'approved_by'));
  return {
    tool: 'gitlab',
    findings: rules === null ? [approved(value, 'approvals')] : rules.map(ofRule),
    approvals: onlyOnce(people.map(approvalOf).filter((approval) => approval !== null)),
    notes: [NO_COMMIT],
  };
}

function ofRule(rule: unknown): Finding {
  const name = text(rule, 'name') ?? text(rule, 'rule_type') ?? 'approval rule';
  const invalid = at(rule, 'invalid') === true || at(rule, 'invalid_rule') === true;
  const open = [at(rule, 'allow_merge_when_invalid'), at(rule, 'allow_merge_request_to_merge')].includes(
    true,
  );
  const opens = open || text(rule, 'fallback_behavior', 'fail') === 'open';
  if (invalid && opens)
    return incomplete(name, 'nobody can satisfy it, and GitLab lets it pass (fallback open)');
  if (invalid) return incomplete(name, 'nobody can satisfy it');
  return approved(rule, name);
}

/** `approved` is true of a rule that asks for nobody: that is no approval. */
function approved(holder: unknown, name: string): Finding {
  const required = count(holder, 'approvals_required');
  const given = list(holder, 'approved_by').length;
  const left = count(holder, 'approvals_left') ?? Math.max(0, (required ?? 0) - given);
  if (required === null) return incomplete(name, 'it does not say how many approvals it takes');
  if (required === 0) return { rule: name, result: 'skip', message: 'it takes no approval' };
  const passed = left === 0 && given > 0 && at(holder, 'approved') !== false;
  return {
    rule: name,
    result: passed ? 'pass' : 'fail',
    message: `${given} of ${required} approvals`,
    at: utcTime(text(holder, 'updated_at') ?? '') ?? null,
  };
}

/** A person, in an object of its own or not. */
function approvalOf(entry: unknown): Approval | null {
  const user = isObject(at(entry, 'user')) ? at(entry, 'user') : entry;
  const account = text(user, 'username');
  if (account === null || at(user, 'bot') === true || text(user, 'state') === 'blocked') return null;
  return { account, name: text(user, 'name'), at: utcTime(text(entry, 'approved_at') ?? '') ?? null };
}

function onlyOnce(approvals: readonly Approval[]): Approval[] {
  return [...new Map(approvals.map((approval) => [approval.account.toLowerCase(), approval])).values()];
}

const STATUSES: ReadonlyMap<string, Finding['result']> = new Map([
  ['passed', 'pass'],
  ['failed', 'fail'],
]);

/** `GET /projects/{id}/merge_requests/{iid}/status_checks`. One that still waits has said nothing. */
export function readGitlabExternalStatus(input: string): Report {
  const checks = json(input);
  if (!Array.isArray(checks) || checks.some((check) => text(check, 'status') === null))
    throw refused('it is no list of status checks');
  const findings = (checks as unknown[]).map((check): Finding => {
    const status = text(check, 'status') ?? 'unknown';
    return {
      rule: text(check, 'name'),
      result: STATUSES.get(status) ?? 'error',
      message: status,
      ref: text(check, 'external_url') ?? word(check, 'id'),
    };
  });
  return { tool: 'gitlab', findings, notes: [NO_COMMIT] };
}
