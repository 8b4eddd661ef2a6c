import { createHash } from 'node:crypto';
import { escapeTerminal } from '../../core/escape.ts';
import type { AttestedDecision } from '../attest/judgement.ts';
import { gitoid } from '../attest/statement.ts';
import type { WantedRecord } from '../wanted.ts';

const OSCAL_VERSION = '1.2.2';
const NAMESPACE = 'pkg:npm/git-agent-log';
/** Names that are URLs, as RFC 9562 numbers them. */
const OF_URLS = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';

/** A UUID made of a name (version 5): the same name makes the same one. */
export function namedUuid(name: string): string {
  const space = Buffer.from(OF_URLS.replaceAll('-', ''), 'hex');
  const hash = createHash('sha1').update(space).update(`${NAMESPACE}#${name}`).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** What the results are of. */
export interface OscalSource {
  /** Says in a word what was looked at: the ledger's tip, and which range of it. */
  readonly name: string;
  /** When the ledger was last written, or the last of what is told happened. */
  readonly at: string;
  readonly version: string;
  readonly decisions: readonly AttestedDecision[];
  readonly records: () => AsyncIterable<WantedRecord>;
}

/**
 * Assessment results as OSCAL has them, piece by piece: what was recorded and decided as observations, each decision as a
 * finding. Ids come from the records, so that a second export makes the same bytes.
 */
export async function* oscalResults(source: OscalSource): AsyncGenerator<string> {
  const { name, at, decisions } = source;
  const plan = namedUuid('policy');
  const head = {
    uuid: namedUuid(`results ${name}`),
    metadata: {
      title: 'Changes by AI coding agents: what was recorded and decided',
      'last-modified': at,
      version: oneLine(name),
      'oscal-version': OSCAL_VERSION,
      props: [property('exporter-version', source.version)],
    },
    'import-ap': { href: `#${plan}` },
  };
  const result = {
    uuid: namedUuid(`result ${name}`),
    title: 'Records of the ledger',
    description: 'Each observation names the line of the ledger it stands for, by sha256.',
    start: at,
    end: at,
    'reviewed-controls': { 'control-selections': [selectionOf(decisions)] },
  };
  const resource = {
    uuid: plan,
    title: 'Policy of the target branch',
    description:
      'What was assessed, and by which rules, .agent-log/policy.yaml of the target said; each finding names its blob.',
  };
  yield `{"assessment-results":${open(head)},"results":[${open(result)}`;
  yield* member('observations', observations(source));
  yield* member('findings', each(decisions.map(findingOf)));
  yield `}],"back-matter":${JSON.stringify({ resources: [resource] })}}}`;
}

/** An object's text without its end: more members follow. */
function open(value: object): string {
  return JSON.stringify(value).slice(0, -1);
}

/** A member that is a list; OSCAL has no empty ones. */
async function* member(name: string, items: AsyncIterable<object>): AsyncGenerator<string> {
  let isFirst = true;
  for await (const item of items) {
    yield `${isFirst ? `,${JSON.stringify(name)}:[` : ','}${JSON.stringify(item)}`;
    isFirst = false;
  }
  if (!isFirst) yield ']';
}

async function* each(items: readonly object[]): AsyncGenerator<object> {
  yield* items;
}

async function* observations({ records, decisions }: OscalSource): AsyncGenerator<object> {
  for await (const one of records()) yield workObservation(one);
  for (const one of decisions) yield decisionObservation(one);
}

function workObservation({ stored, bound }: WantedRecord): object {
  const { record, digest } = stored;
  const sponsor = record.sponsor === null ? 'nobody' : `${record.sponsor.name} <${record.sponsor.email}>`;
  return {
    uuid: namedUuid(`observation ${digest}`),
    title: 'Work of an agent',
    description: oneLine(`${record.agent.name} worked for ${sponsor}, in transaction ${record.txn}.`),
    props: [
      property('record-digest', digest),
      property('transaction', record.txn),
      property('binding', bound?.grade ?? 'none'),
    ],
    methods: ['EXAMINE'],
    collected: record.recordedAt,
    'relevant-evidence': [
      bound === null
        ? { description: 'The line of the ledger; it is bound to no commit.' }
        : { href: gitoid('commit', bound.commit), description: 'The commit the record belongs to.' },
    ],
  };
}

function decisionObservation({ digest, basis, decision }: AttestedDecision): object {
  const { rule, stage, result, subject, recordedAt } = decision;
  return {
    uuid: namedUuid(`observation ${digest}`),
    title: 'A rule was evaluated',
    description: oneLine(`${rule} at ${stage}: ${result}.`),
    props: [property('record-digest', digest), property('basis', basis), property('result', result)],
    methods: ['TEST'],
    collected: recordedAt,
    'relevant-evidence': [
      { href: gitoid('commit', subject.head), description: 'The commit that was judged.' },
    ],
  };
}

/** Only what a key of the target stands behind satisfies anything. */
function findingOf({ digest, basis, decision }: AttestedDecision): object {
  const { rule, result, message, policy, waiver } = decision;
  const isSatisfied = result === 'pass' && basis !== 'asserted';
  const reason = result === 'pass' || result === 'skip' ? 'other' : 'fail';
  return {
    uuid: namedUuid(`finding ${digest}`),
    title: oneLine(rule),
    description: oneLine(message ?? `The rule came to: ${result}.`),
    props: [
      property('basis', basis),
      ...(policy === null ? [] : [property('policy-blob', gitoid('blob', policy.blob))]),
      ...(waiver === undefined ? [] : [property('waiver', waiver)]),
    ],
    target: {
      type: 'objective-id',
      'target-id': token(rule),
      status: isSatisfied ? { state: 'satisfied', reason: 'pass' } : { state: 'not-satisfied', reason },
    },
    'related-observations': [{ 'observation-uuid': namedUuid(`observation ${digest}`) }],
  };
}

function selectionOf(decisions: readonly AttestedDecision[]): object {
  const controls = [...new Set(decisions.flatMap(({ decision }) => decision.controls.map(token)))].sort();
  if (controls.length === 0) return { 'include-all': {} };
  return { 'include-controls': controls.map((id) => ({ 'control-id': id })) };
}

function property(name: string, value: string): object {
  return { name, ns: NAMESPACE, value: oneLine(value) };
}

/** OSCAL's texts neither begin nor end with white space, and are not empty. */
function oneLine(text: string): string {
  return escapeTerminal(text).trim() || '-';
}

/** A name as OSCAL's tokens are: of letters, digits, dots, hyphens and underscores. */
function token(text: string): string {
  const plain = text.replaceAll(/[^\p{L}\p{N}._-]/gu, '_');
  return /^[\p{L}_]/u.test(plain) ? plain : `_${plain}`;
}
