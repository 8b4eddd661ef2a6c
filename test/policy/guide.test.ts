import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { RISK_CLASSES } from '../../lib/core/risk/risk.ts';
import { FACTS_V1 } from '../../lib/policy/facts.ts';
import { parsePolicy, readPolicy } from '../../lib/policy/rules/policy-file.ts';
import { STARTER_POLICY } from '../../lib/policy/rules/starter.ts';

const guide = await readFile(new URL('../../docs/policy.md', import.meta.url), 'utf8');
const missing = (names: readonly string[]): string[] =>
  names.filter((name) => !guide.includes(`\`${name}\``));

it('the guide names every fact, every field of one, every risk class, and every rule of the starter', () => {
  expect(missing(Object.keys(FACTS_V1.change).map((name) => `change.${name}`))).toEqual([]);
  const inner = Object.values(FACTS_V1.change).flatMap((type) => {
    const [item] = Array.isArray(type) ? type : [type];
    return typeof item === 'object' ? Object.keys(item) : [];
  });
  expect(missing(inner)).toEqual([]);
  expect(missing(RISK_CLASSES)).toEqual([]);
  const { rules } = parsePolicy(STARTER_POLICY);
  expect(missing(rules.map(({ id }) => id))).toEqual([]);
});

it("the guide's policy loads", () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(guide) ?? [];
  expect(readPolicy(example).problems).toEqual([]);
});
