import { createHash } from 'node:crypto';
import type { AttestedDecision } from '../attest/judgement.ts';
import { gitoid } from '../attest/statement.ts';
import type { WantedRecord } from '../wanted.ts';
import { isOscalTime, oscalMarkup, oscalOwnToken, oscalText, oscalTime, oscalToken } from './oscal-values.ts';

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
  /** When the ledger was last written, in seconds since 1970. */
  readonly at: number;
  readonly version: string;
  readonly decisions: readonly AttestedDecision[];
  readonly records: () => AsyncIterable<WantedRecord>;
}

/**
 * Assessment results as OSCAL has them, piece by piece: what was recorded and decided as observations, each decision as a
 * finding. Ids come from the records, so that a second export makes the same bytes.
 */
export async function* oscalResults(source: OscalSource): AsyncGenerator<string> {
  const { name, decisions } = source;
  const at = oscalTime(source.at);
  const plan = namedUuid('policy');
  const head = {
    uuid: namedUuid(`results ${name}`),
    metadata: {
      title: 'Changes by AI coding agents: what was recorded and decided',
      'last-modified': at,
      version: oscalText(name),
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
    rlinks: [{ href: '.agent-log/policy.yaml', 'media-type': 'application/yaml' }],
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

async function* observations({ records, decisions, at }: OscalSource): AsyncGenerator<object> {
  const end = oscalTime(at);
  for await (const one of records()) yield workObservation(one, end);
  for (const one of decisions) yield decisionObservation(one, end);
}

/** When something was recorded; a record whose time there is not was recorded by when the ledger was last written. */
function collected(
  recordedAt: string,
  end: string,
): { readonly at: string; readonly props: readonly object[] } {
  if (isOscalTime(recordedAt)) return { at: recordedAt, props: [] };
  return { at: end, props: [property('recorded-at', recordedAt)] };
}

function workObservation({ stored, bound }: WantedRecord, end: string): object {
  const { record, digest } = stored;
  const { at, props } = collected(record.recordedAt, end);
  const sponsor = record.sponsor === null ? 'nobody' : `${record.sponsor.name} <${record.sponsor.email}>`;
  return {
    uuid: namedUuid(`observation ${digest}`),
    title: 'Work of an agent',
    description: oscalMarkup(`${record.agent.name} worked for ${sponsor}, in transaction ${record.txn}.`),
    props: [
      property('record-digest', digest),
      property('transaction', record.txn),
      property('binding', bound?.grade ?? 'none'),
      ...props,
    ],
    methods: ['EXAMINE'],
    collected: at,
    'relevant-evidence': [
      bound === null
        ? { description: 'The line of the ledger; it is bound to no commit.' }
        : { href: gitoid('commit', bound.commit), description: 'The commit the record belongs to.' },
    ],
  };
}

function decisionObservation({ digest, basis, decision }: AttestedDecision, end: string): object {
  const { rule, stage, result, subject, recordedAt } = decision;
  const { at, props } = collected(recordedAt, end);
  return {
    uuid: namedUuid(`observation ${digest}`),
    title: 'A rule was evaluated',
    description: oscalMarkup(`${rule} at ${stage}: ${result}.`),
    props: [
      property('record-digest', digest),
      property('basis', basis),
      property('result', result),
      ...props,
    ],
    methods: ['TEST'],
    collected: at,
    'relevant-evidence': [
      { href: gitoid('commit', subject.head), description: 'The commit that was judged.' },
    ],
  };
}

/** Only what a key of the target stands behind satisfies anything. */
function findingOf({ digest, basis, decision }: AttestedDecision): object {
  const { rule, result, message, controls, policy, waiver } = decision;
  const isSatisfied = result === 'pass' && basis !== 'asserted';
  const reason = result === 'pass' || result === 'skip' ? 'other' : 'fail';
  return {
    uuid: namedUuid(`finding ${digest}`),
    title: oscalMarkup(rule),
    description: oscalMarkup(message ?? `The rule came to: ${result}.`),
    props: [
      property('basis', basis),
      ...(policy === null ? [] : [property('policy-blob', gitoid('blob', policy.blob))]),
      ...(waiver === undefined ? [] : [property('waiver', waiver)]),
      ...controls.map((control) => property('control', control)),
    ],
    target: {
      type: 'objective-id',
      'target-id': oscalOwnToken(rule),
      status: isSatisfied ? { state: 'satisfied', reason: 'pass' } : { state: 'not-satisfied', reason },
    },
    'related-observations': [{ 'observation-uuid': namedUuid(`observation ${digest}`) }],
  };
}

function selectionOf(decisions: readonly AttestedDecision[]): object {
  const controls = [
    ...new Set(decisions.flatMap(({ decision }) => decision.controls.map(oscalToken))),
  ].sort();
  if (controls.length === 0)
    return { 'include-all': {}, description: 'No rule that was evaluated names a control.' };
  return { 'include-controls': controls.map((id) => ({ 'control-id': id })) };
}

function property(name: string, value: string): object {
  return { name, ns: NAMESPACE, value: oscalText(value) };
}
