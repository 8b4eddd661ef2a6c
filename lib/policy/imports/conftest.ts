import { at, count, json, list, text, word } from './fields.ts';
import { type Finding, incomplete, type Report, refused } from './imported.ts';

/** `conftest test -o json`. It does not name what passed, only how many: that becomes one result for each namespace. */
export function readConftest(input: string): Report {
  const files = json(input);
  if (!Array.isArray(files)) throw refused('what conftest writes is a list of files');
  const passed = new Map<string, number>();
  const findings = (files as unknown[]).flatMap((file) => {
    const found = findingsOf(file);
    const successes = count(file, 'successes') ?? 0;
    const space = text(file, 'namespace') ?? 'main';
    if (successes > 0) passed.set(space, (passed.get(space) ?? 0) + successes);
    else if (found.length === 0) found.push(nothing(space, text(file, 'filename')));
    return found;
  });
  for (const [space, number] of passed)
    findings.push({ rule: space, result: 'pass', message: `${number} passed; conftest does not name them` });
  return { tool: 'conftest', findings };
}

function nothing(space: string, file: string | null): Finding {
  return incomplete(
    space,
    `${file ?? 'a file'}: no rule was evaluated, so nothing shows that a policy was found`,
  );
}

function findingsOf(file: unknown): Finding[] {
  const of = (name: string, result: Finding['result'], more: Partial<Finding> = {}, before = ''): Finding[] =>
    list(file, name).map((item) => ({ ...said(file, item, before), result, ...more }));
  return [
    ...of('failures', 'fail'),
    ...of('warnings', 'warn'),
    ...of('exceptions', 'fail', { enforce: 'warn' }, 'waived by an exception of the policy: '),
    ...of('skipped', 'skip'),
  ];
}

function said(file: unknown, item: unknown, before: string): Pick<Finding, 'rule' | 'message'> {
  const line = word(item, 'loc', 'line');
  const name = text(item, 'loc', 'file') ?? text(file, 'filename') ?? '?';
  const place = line === null ? name : `${name}:${line}`;
  const query = text(at(item, 'metadata'), 'query');
  return {
    rule: query?.replace(/^data\./, '') ?? text(file, 'namespace') ?? 'main',
    message: `${before}${place}: ${text(item, 'msg') ?? 'no message'}`,
  };
}
