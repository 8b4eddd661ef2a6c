import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CONTROL_MAP } from '../../../lib/evidence/controls/control-map.ts';
import { controlsDocument } from '../../../lib/evidence/controls/controls.ts';
import { type Controlled, TOPICS } from '../../../lib/evidence/controls/topics.ts';
import { evidenceApproval, evidenceChange, evidenceDocument } from '../../support/evidence.ts';
import { schemaProblems } from '../../support/schema.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Whether a schema has a field, as `changes[].sponsor` names one. */
function hasField(file: string, schema: Schema, names: readonly string[]): boolean {
  if (schema.$ref !== undefined) {
    const [other = '', pointer = ''] = schema.$ref.split('#');
    const name = other === '' ? file : other;
    const whole = JSON.parse(read(`schemas/${name}`)) as Schema;
    const target = pointer
      .split('/')
      .filter(Boolean)
      .reduce((part, key) => (part as Record<string, Schema>)[key] as Schema, whole);
    return hasField(name, target, names);
  }
  if (names.length === 0) return true;
  if (schema.anyOf?.some((one) => hasField(file, one, names)) === true) return true;
  const [first = '', ...rest] = names;
  if (first === '[]') return schema.items !== undefined && hasField(file, schema.items, rest);
  const property = schema.properties?.[first];
  return property !== undefined && hasField(file, property, rest);
}

const evidence = (fields: Partial<Controlled> = {}): Controlled => ({
  document: evidenceDocument(),
  signed: [],
  targetFiles: [],
  texts: [],
  proof: null,
  ...fields,
});

describe('the control map', () => {
  test('names only fields that the schemas have, and files that a bundle has', () => {
    const files = read('docs/decisions/0035-what-a-bundle-holds.md');
    for (const { places } of Object.values(TOPICS))
      for (const { file, field } of places) {
        expect(files, file).toContain(file.replace(/\*.*$/, ''));
        if (field === null) continue;
        expect(file).toBe('evidence.json');
        const names = field.replaceAll('[]', '.[]').split('.');
        const schema = JSON.parse(read('schemas/evidence-v1.json')) as Schema;
        expect(hasField('evidence-v1.json', schema, names), field).toBe(true);
      }
  });

  test('asks about every matter there is, and names each control once', () => {
    const asked = new Set(CONTROL_MAP.flatMap(({ answers }) => answers));
    expect(Object.keys(TOPICS).filter((topic) => !asked.has(topic as keyof typeof TOPICS))).toEqual([]);
    const names = CONTROL_MAP.map(({ framework, control }) => `${framework} ${control}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test('covers the frameworks that auditors bring', () => {
    const frameworks = new Set(CONTROL_MAP.map(({ framework }) => framework));
    for (const one of ['SOC 2', 'PCI DSS 4.0.1', 'ISO', 'NIST', 'SOX', 'DORA', 'EU AI Act', 'FFIEC'])
      expect(frameworks).toContain(one);
  });
});

describe('controls.json', () => {
  test('meets its schema, and says of an empty bundle that hardly anything is there', () => {
    const document = controlsDocument(evidence());
    expect(schemaProblems(document)).toEqual([]);
    expect(document.controls.every(({ presence }) => presence !== 'present')).toBe(true);
  });

  test('says how many of how many have it', () => {
    const person = { name: 'Jane', email: 'jane@example.com', source: 'flag', verified: false };
    const changes = [evidenceChange({ sponsor: person }), evidenceChange()];
    const { controls } = controlsDocument(evidence({ document: evidenceDocument({ changes }) }));
    const found = controls.flatMap(({ answers }) => answers).find(({ topic }) => topic === 'sponsor');
    expect(found).toMatchObject({ presence: 'partial', have: 1, of: 2 });
  });

  test('attack: who answers for the work does not count as somebody else who approved', () => {
    const separation = (email: string): string | undefined => {
      const person = { name: 'Ann', email };
      const changes = [evidenceChange({ sponsor: { ...person, source: 'flag', verified: true } })];
      const document = evidenceDocument({ changes, approvals: [evidenceApproval()] });
      const { controls } = controlsDocument(evidence({ document }));
      return controls.flatMap(({ answers }) => answers).find(({ topic }) => topic === 'separation')?.presence;
    };
    expect(separation('ANN@example.com')).toBe('absent');
    expect(separation('jane@example.com')).toBe('present');
  });
});
