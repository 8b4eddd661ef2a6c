import { readdirSync, readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';

const folder = new URL('../../schemas/', import.meta.url);
const ajv = new Ajv2020.default({
  allErrors: true,
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
});
for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  ajv.addSchema(JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as object);
}

/** What a printed document breaks of the schema it names; an empty list when nothing. */
export function schemaProblems(document: unknown): string[] {
  const name =
    (document as { schema?: string }).schema?.replace(/^agent-log\/(.+)\/(v\d+)$/, '$1-$2.json') ?? '';
  return problemsBy(name, document);
}

/** What a document breaks of the schema in a file. */
export function problemsBy(name: string, document: unknown): string[] {
  const validate = ajv.getSchema(`agent-log:/schemas/${name}`);
  if (validate === undefined) return [`no schema is called '${name}'`];
  void validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}
