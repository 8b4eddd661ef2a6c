import { readdirSync, readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { describe, expect, test } from 'vitest';
import { AgentLogError } from '../../lib/core/errors.ts';
import { canonicalJson } from '../../lib/core/json/canonical.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

describe('RFC 8785: the pairs of its author, as npm’s canonicalize has them', () => {
  const folder = 'node_modules/canonicalize/test/testdata/';
  const names = readdirSync(new URL(`${folder}input/`, root));

  test('are there', () => expect(names.length).toBeGreaterThanOrEqual(5));

  test.each(names)('%s', (name) => {
    const value = JSON.parse(read(`${folder}input/${name}`)) as object;
    expect(canonicalJson(value)).toBe(read(`${folder}output/${name}`).replace(/\n$/, ''));
  });

  test('half a character, and what is no number, have no canonical text', () => {
    for (const value of ['\ud800', '\udc00x', { '\ud800': 1 }, ['a', { b: 'x\udfff' }]])
      expect(() => canonicalJson(value)).toThrow(AgentLogError);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, [-Number.POSITIVE_INFINITY]])
      expect(() => canonicalJson(value)).toThrow(AgentLogError);
    expect(canonicalJson('\ud83d\ude00')).toBe('"😀"');
  });
});

interface Group {
  readonly description: string;
  readonly schema: object | boolean;
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

/** Keywords our schemas use, besides those that say nothing of values. */
function keywordsUsed(): Set<string> {
  const used = new Set<string>();
  const walk = (value: unknown, isNames: boolean): void => {
    if (Array.isArray(value)) for (const item of value) walk(item, false);
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) {
        if (!isNames) used.add(key);
        if (!['enum', 'const', 'required'].includes(key))
          walk(item, !isNames && (key === 'properties' || key === '$defs'));
      }
  };
  for (const name of readdirSync(new URL('schemas/', root)).filter((one) => one.endsWith('.json')))
    walk(JSON.parse(read(`schemas/${name}`)), false);
  return used;
}

/** Compiled as schemas/generate.mjs compiles ours: ahead of time, to code that is all there is at run time. */
async function compiled(schema: object | boolean): Promise<(value: unknown) => boolean> {
  const ajv = new Ajv2020.default({ strict: false, code: { source: true, esm: true, lines: false } });
  const code = standaloneCode.default(ajv, ajv.compile(schema));
  const bare = code.replaceAll(
    /require\("ajv\/dist\/runtime\/(equal|ucs2length)"\)/g,
    (_all, name: string) => (name === 'equal' ? EQUAL : '{default:(text)=>[...text].length}'),
  );
  expect(bare).not.toContain('require(');
  const module = (await import(`data:text/javascript,${encodeURIComponent(bare)}`)) as {
    readonly validate: (value: unknown) => boolean;
  };
  return module.validate;
}

/** Of what JSON holds: objects of the same members in whatever order. */
const EQUAL =
  '{default:(a,b)=>{const s=(v)=>v&&typeof v==="object"?Array.isArray(v)?["a",...v.map(s)]:["o",Object.keys(v).sort().map((k)=>[k,s(v[k])])]:[typeof v,v];return JSON.stringify(s(a))===JSON.stringify(s(b))}}';

/** References to documents elsewhere: ours name only each other. */
const ELSEWHERE =
  /"\$ref":"(?!#)|\$dynamicRef|\$anchor|"\$id"|urn:uuid|https?:\/\/(?!json-schema\.org\/draft\/2020-12\/schema")/;

/** Names every JavaScript object has (`toString`) look present to ajv, unless it is told to ask twice for each. */
const OF_OBJECTS = 'Javascript object property names';

describe('JSON Schema draft 2020-12: the test suite, for the keywords of our schemas', () => {
  const folder = 'test/fixtures/json-schema/draft2020-12/';
  const files = readdirSync(new URL(folder, root));

  test('covers every keyword that is used', () => {
    const silent = ['$schema', '$id', 'title', 'description'];
    const covered = new Set(files.map((name) => name.replace('.json', '')));
    const aliases: Readonly<Record<string, string>> = { $ref: 'ref', $defs: 'defs' };
    const lacking = [...keywordsUsed()].filter(
      (word) => !silent.includes(word) && !covered.has(aliases[word] ?? word),
    );
    expect(lacking).toEqual([]);
  });

  test('no schema of ours has a member that every JavaScript object has', () => {
    const names = Object.getOwnPropertyNames(Object.prototype);
    for (const file of readdirSync(new URL('schemas/', root)).filter((one) => one.endsWith('.json')))
      for (const name of names) expect(read(`schemas/${file}`)).not.toContain(`"${name}"`);
  });

  test.each(files)('%s', async (name) => {
    const groups = JSON.parse(read(folder + name)) as Group[];
    let count = 0;
    for (const { description, schema, tests } of groups) {
      if (description.includes(OF_OBJECTS)) continue;
      if (ELSEWHERE.test(JSON.stringify(schema))) continue;
      const validate = await compiled(schema);
      for (const one of tests) {
        expect(validate(one.data), `${description}: ${one.description}`).toBe(one.valid);
        count++;
      }
    }
    if (name !== 'defs.json') expect(count).toBeGreaterThan(0);
  });
});
