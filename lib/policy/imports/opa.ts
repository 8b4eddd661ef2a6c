import { utcTime } from '../../core/utc-time.ts';
import { at, isObject, json, list, text } from './fields.ts';
import { type Finding, incomplete, type Report, refused } from './imported.ts';

/** OPA's decision log, an event a line (also as its console writes them, or as one list). */
export function readOpa(input: string): Report {
  const events = input.trimStart().startsWith('[') ? whole(json(input)) : lines(input);
  const decisions = events.filter((event) => text(event, 'decision_id') !== null);
  const others = events.length - decisions.length;
  return {
    tool: 'opa',
    version: text(decisions[0], 'labels', 'version'),
    findings: decisions.map(findingOf),
    notes: others === 0 ? [] : [`${others} lines are no decisions and were left out`],
  };
}

function whole(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw refused('a decision log is a list of events');
  return value as unknown[];
}

function lines(input: string): unknown[] {
  return input.split('\n').flatMap((line) => (line.trim() === '' ? [] : [json(line)]));
}

function findingOf(event: unknown): Finding {
  const rule = text(event, 'path') ?? text(event, 'query');
  const common = {
    at: utcTime(text(event, 'timestamp') ?? '') ?? null,
    ref: text(event, 'decision_id'),
    version: text(event, 'labels', 'version'),
  };
  if (at(event, 'error') !== undefined)
    return incomplete(rule, `OPA could not evaluate it: ${sentence(at(event, 'error'))}`, common);
  const hidden = [...list(event, 'erased'), ...list(event, 'masked')].some(
    (pointer) => typeof pointer === 'string' && /^\/(mapped_)?result(\/|$)/.test(pointer),
  );
  if (hidden) return incomplete(rule, 'its result was masked in the log', common);
  return { ...verdict(at(event, 'mapped_result') ?? at(event, 'result')), ...common, rule };
}

const REASONS = ['deny', 'violation', 'violations', 'reasons', 'errors'] as const;

/** Rego gives whatever the policy's author chose: a truth, `allow`, or sets of reasons to deny. Anything else is not guessed at. */
function verdict(result: unknown): Pick<Finding, 'result' | 'message' | 'severity'> {
  if (typeof result === 'boolean') return { result: result ? 'pass' : 'fail' };
  if (Array.isArray(result)) return byReasons(result as unknown[]);
  if (!isObject(result))
    return incomplete(
      null,
      result === undefined ? 'the decision is undefined' : 'its result can not be read',
    );
  const truths = ['allow', 'allowed'].map((name) => at(result, name)).filter((value) => value !== undefined);
  const reasons = REASONS.map((name) => at(result, name)).filter((value) => value !== undefined);
  if (truths.length + reasons.length === 0)
    return incomplete(null, 'its result has neither `allow` nor `deny`, so nothing says whether it passed');
  if (reasons.some((value) => !Array.isArray(value) && typeof value !== 'boolean'))
    return incomplete(null, 'its `deny` is neither a list nor a truth');
  const why = reasons.flatMap((value) =>
    Array.isArray(value) ? (value as unknown[]) : value === true ? ['deny'] : [],
  );
  if (why.length > 0) return byReasons(why);
  return truths.every((value) => value === true) ? { result: 'pass' } : { result: 'fail' };
}

function byReasons(reasons: readonly unknown[]): Pick<Finding, 'result' | 'message'> {
  if (reasons.length === 0) return { result: 'pass' };
  const first = reasons.slice(0, 10).map(sentence);
  const rest = reasons.length > first.length ? [`and ${reasons.length - first.length} more`] : [];
  return { result: 'fail', message: [...first, ...rest].join('; ') };
}

function sentence(reason: unknown): string {
  if (typeof reason === 'string') return reason.slice(0, 500);
  return (text(reason, 'msg') ?? text(reason, 'message') ?? 'no message').slice(0, 500);
}
