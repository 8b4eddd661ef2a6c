import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import type { Statement } from '../../lib/evidence/attest/statement.ts';

/** RFC 3986, appendix A: characters of a URI reference, none of them outside percent-encoding that has to be in it. */
const REFERENCE = /^(?:[\w.~!$&'()*+,;=:@/?#[\]-]|%[\dA-Fa-f]{2})*$/;

function isUriReference(text: string): boolean {
  const [, authority = '', rest = ''] = /^(?:[^:/?#]+:)?(?:\/\/([^/?#]*))?(.*)$/s.exec(text) ?? [];
  const isOneFragment = rest.split('#').length <= 2;
  return REFERENCE.test(authority) && REFERENCE.test(rest) && !/[[\]]/.test(rest) && isOneFragment;
}

function isUri(text: string): boolean {
  return isUriReference(text) && /^[A-Za-z][A-Za-z\d+.-]*:/.test(text);
}

/** RFC 3339, with the days that each month has. */
function isDateTime(text: string): boolean {
  const [, year, month, day, hour] =
    /^(\d{4})-(\d\d)-(\d\d)T(\d\d):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.exec(text)?.map(Number) ??
    [];
  if (year === undefined || month === undefined || day === undefined || hour === undefined) return false;
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= days && hour < 24;
}

/** Says what a value breaks of a schema in test/fixtures, which tells a format of others in our words. */
export function problemsByFixture(path: string): (value: unknown) => string[] {
  const schema = readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8');
  const ajv = new Ajv.default({ allErrors: true, strict: false });
  ajv.addFormat('uri-reference', isUriReference).addFormat('uri', isUri).addFormat('date-time', isDateTime);
  const validate = ajv.compile(JSON.parse(schema) as object);
  return (value) => {
    void validate(value);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
  };
}

const statementProblems = problemsByFixture('in-toto/statement-v1.json');
/** Predicates of others that are written here, and what one breaks of its format. */
export const PUBLISHED_PREDICATES: Readonly<Record<string, (predicate: unknown) => string[]>> = {
  'https://in-toto.io/attestation/svr/v0.2': problemsByFixture('in-toto/svr-v0.2.json'),
  'https://slsa.dev/verification_summary/v1': problemsByFixture('in-toto/vsa-v1.json'),
  'https://in-toto.io/attestation/test-result/v0.1': problemsByFixture('in-toto/test-result-v0.1.json'),
  'https://gittuf.dev/reference-authorization/v0.2': problemsByFixture(
    'in-toto/reference-authorization-v0.2.json',
  ),
};

/** What a statement breaks of the formats it names; those of our own are held by their schemas elsewhere. */
export function problemsOfStatement(said: Statement): string[] {
  const { subject, predicateType, predicate } = said;
  const names = subject.flatMap(({ name }) => name ?? []);
  return [
    ...statementProblems(said),
    ...(PUBLISHED_PREDICATES[predicateType]?.(predicate) ?? []),
    ...(new Set(names).size === names.length ? [] : ['two subjects have one name']),
    ...(predicateType.startsWith('https://gittuf.dev/') &&
    subject[0]?.digest['gitTree'] !== (predicate as { targetID?: string }).targetID
      ? ['the tree is not the subject']
      : []),
  ];
}
