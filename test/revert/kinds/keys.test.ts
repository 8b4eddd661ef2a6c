import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../lib/revert/kinds/keys/json.ts';
import type { KeyedText, ParseKeyed } from '../../../lib/revert/kinds/keys/keyed.ts';
import { mergeKeyed } from '../../../lib/revert/kinds/keys/merge-keyed.ts';
import { parseToml } from '../../../lib/revert/kinds/keys/toml.ts';
import { yamlParser } from '../../../lib/revert/kinds/keys/yaml.ts';

const parseYaml = await yamlParser();

function read(parse: ParseKeyed, text: string): KeyedText {
  const document = parse(text);
  if (document === null) throw new Error(`not read: ${text}`);
  return document;
}

/** Two levels of keys, as manifests have them. */
type Tables = Readonly<Record<string, Readonly<Record<string, number>>>>;

const WRITERS: readonly { name: string; parse: ParseKeyed; write: (tables: Tables) => string }[] = [
  { name: 'JSON', parse: parseJson, write: (tables) => `${JSON.stringify(tables, null, 2)}\n` },
  {
    name: 'TOML',
    parse: parseToml,
    write: (tables) =>
      Object.entries(tables)
        .map(([name, keys]) => `[${name}] # a table\n${lines(keys, ' = ', '')}`)
        .join('\n'),
  },
  {
    name: 'YAML',
    parse: parseYaml,
    write: (tables) =>
      Object.entries(tables)
        .map(([name, keys]) => `# of ${name}\n${name}:\n${lines(keys, ': ', '  ')}`)
        .join(''),
  },
];

function lines(keys: Readonly<Record<string, number>>, between: string, indent: string): string {
  return Object.entries(keys)
    .map(([key, value]) => `${indent}${key}${between}${value}\n`)
    .join('');
}

const NAMES = ['alpha', 'beta', 'delta', 'gamma', 'kappa', 'omega'];
const table = fc.dictionary(fc.constantFrom(...NAMES), fc.nat(3), { minKeys: 1 });
const ours = fc.dictionary(fc.constantFrom(...NAMES.map((name) => `${name}-ours`)), fc.nat(3), {
  minKeys: 1,
});
const sorted = <T>(keys: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)));

describe.each(WRITERS)('$name by key', ({ parse, write }) => {
  it('work taken back gives the document without it, whatever others wrote beside', () => {
    fc.assert(
      fc.property(table, table, ours, (before, since, work) => {
        const merged = mergeKeyed({
          base: read(parse, write({ one: sorted({ ...before, ...work }), two: { x: 1 } })),
          to: read(parse, write({ one: sorted(before), two: { x: 1 } })),
          now: read(parse, write({ one: sorted({ ...since, ...work }), two: { x: 2, y: 3 } })),
        });
        expect(merged).toBe(write({ one: sorted(since), two: { x: 2, y: 3 } }));
      }),
      { numRuns: 40 },
    );
  });

  it('work that took keys out gets them back, and says what was meant', () => {
    fc.assert(
      fc.property(table, table, ours, (before, since, work) => {
        const merged = mergeKeyed({
          base: read(parse, write({ one: sorted(before) })),
          to: read(parse, write({ one: sorted({ ...before, ...work }) })),
          now: read(parse, write({ one: sorted(since) })),
        });
        // Where nothing it stood beside is left there is no place for it.
        fc.pre(merged !== null);
        expect(read(parse, merged).root).toEqual(
          read(parse, write({ one: sorted({ ...since, ...work }) })).root,
        );
        const kept = merged.split('\n').filter((line) => !line.includes('-ours'));
        if (parse !== parseJson) expect(kept.join('\n')).toBe(write({ one: sorted(since) }));
      }),
      { numRuns: 40 },
    );
  });

  it('a value both changed, and a change that is more than keys, are left to lines', () => {
    const of = (alpha: number): KeyedText => read(parse, write({ one: { alpha, beta: 1 } }));
    expect(mergeKeyed({ base: of(1), to: of(2), now: of(3) })).toBeNull();
    const turned = read(parse, write({ one: { beta: 1, alpha: 1 } }));
    expect(mergeKeyed({ base: of(1), to: turned, now: of(1) })).toBeNull();
  });
});

describe('hostile documents', () => {
  const deep = (open: string, close: string): string => open.repeat(100_000) + close.repeat(100_000);

  it.each([
    ['JSON too deep', parseJson, `{"a":${deep('[', ']')}}`],
    ['JSON with objects too deep', parseJson, `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`],
    ['JSON with a key twice', parseJson, '{"a":1,"a":2}'],
    ['JSON that is none', parseJson, '{"a":1,}'],
    ['JSON too long', parseJson, `{"a":"${'x'.repeat(2_000_001)}"}`],
    ['TOML too deep', parseToml, `a = ${deep('[', ']')}`],
    ['TOML with a key twice', parseToml, 'a = 1\na = 2\n'],
    ['YAML too deep', parseYaml, `a: ${deep('[', ']')}`],
    ['YAML with lists too deep', parseYaml, `a:\n  ${'- '.repeat(5000)}x\n`],
    ['YAML with a key twice', parseYaml, 'a: 1\na: 2\n'],
    ['YAML of two documents', parseYaml, 'a: 1\n---\nb: 2\n'],
  ] as const)('%s is not read', (_, parse, text) => {
    expect(parse(text)).toBeNull();
  });

  it.each([
    ['JSON', parseJson, (key: string) => `{\n  "${key}": 1,\n  "b": 1\n}\n`],
    ['TOML', parseToml, (key: string) => `${key} = 1\nb = 1\n`],
    ['YAML', parseYaml, (key: string) => `${key}: 1\nb: 1\n`],
  ] as const)('a key named like a prototype is a key: %s', (_, parse, write) => {
    for (const key of ['__proto__', 'constructor']) {
      const document = parse(write(key));
      // Refused, or a key like any other: never something else's.
      if (document !== null) expect([...document.root.keys()]).toEqual([key, 'b']);
      expect(({} as Record<string, unknown>)['b']).toBeUndefined();
    }
  });
});
