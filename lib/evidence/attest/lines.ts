import { encodeEnvelope, IN_TOTO_TYPE, signedOfEnvelope } from '../../core/dsse.ts';
import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import { parseNote } from '../../core/records/note.ts';
import {
  isExecution,
  isReadable,
  isReland,
  isReplay,
  isRevert,
  type StoredRecord,
} from '../../core/records/record.ts';
import { ENVELOPE_NAMESPACE } from '../../identity/signatures/envelope-key.ts';
import { fingerprint } from '../../identity/signatures/public-key.ts';
import { decodeSshSignature } from '../../identity/signatures/sshsig.ts';
import { approvalStatement, decisionStatement, standing } from './judgement.ts';
import type { Statement } from './statement.ts';
import {
  type BoundTo,
  executionStatement,
  relandStatement,
  replayStatement,
  revertStatement,
} from './work.ts';

/** What attestations are made of: the answer, and the lines of the ledger it comes from. */
export interface Attested {
  readonly document: Pick<EvidenceDocument, 'changes' | 'decisions' | 'approvals'>;
  /** Lines as stored, each with its line feed. */
  readonly notes: readonly { readonly bytes: Uint8Array }[];
}

/** Armoured SSHSIG of bytes under a namespace, with somebody's key. */
export type SignBytes = (bytes: Uint8Array, namespace: string) => Promise<string>;

/** A statement, and whether whoever makes the envelope may sign it as their own word. */
export interface Saying {
  readonly statement: Statement;
  readonly isOurs: boolean;
}

/** The statements of an answer: work, decisions, what was taken back and brought back, replays, and approvals. */
export function statementsOf({ document, notes }: Attested): Saying[] {
  const records = storedIn(notes);
  const work = records.filter(isExecution).map((stored) => {
    const change = document.changes.find(({ record }) => record === stored.digest);
    const txn = change?.txn ?? stored.record.txn;
    return executionStatement({ stored, txn, bound: change === undefined ? null : boundTo(change) });
  });
  const { decisions, approvals } = document;
  return [...work.map(ours), ...sayingsOf({ decisions, approvals, records })];
}

/** The same of everything but work. */
export function sayingsOf({
  decisions,
  approvals,
  records,
}: Pick<EvidenceDocument, 'decisions' | 'approvals'> & {
  readonly records: readonly StoredRecord[];
}): Saying[] {
  const theirs = standing(approvals).flatMap((one) => approvalStatement(one) ?? []);
  return [
    ...decisions.flatMap((one) => decisionStatement(one) ?? []).map(ours),
    ...records.filter(isRevert).map(revertStatement).map(ours),
    ...records.filter(isReland).map(relandStatement).map(ours),
    ...records.filter(isReplay).map(replayStatement).map(ours),
    ...theirs.map((statement) => ({ statement, isOurs: false })),
  ];
}

function ours(statement: Statement): Saying {
  return { statement, isOurs: true };
}

/** A statement in an envelope, on one line; unsigned where `sign` is null. */
export async function envelopeLine({ statement, isOurs }: Saying, sign: SignBytes | null): Promise<string> {
  const payload = Buffer.from(JSON.stringify(statement), 'utf8');
  const envelope = { payload, payloadType: IN_TOTO_TYPE };
  if (sign === null || !isOurs) return encodeEnvelope({ ...envelope, signatures: [] });
  const armored = await sign(signedOfEnvelope(IN_TOTO_TYPE, payload), ENVELOPE_NAMESPACE);
  const read = decodeSshSignature(armored);
  const keyid = typeof read === 'string' ? null : fingerprint(read.key.text);
  return encodeEnvelope({ ...envelope, signatures: [{ keyid, sig: Buffer.from(armored, 'utf8') }] });
}

/** The attestations of an answer, one envelope a line. */
export async function attestationLines(attested: Attested, sign: SignBytes | null): Promise<string[]> {
  const lines: string[] = [];
  for (const saying of statementsOf(attested)) lines.push(await envelopeLine(saying, sign));
  return lines;
}

/** Each record once, in the order of their ids: the same line may stand on several notes. */
function storedIn(notes: Attested['notes']): StoredRecord[] {
  const found = notes
    .flatMap(({ bytes }) => parseNote(Buffer.from(bytes).toString('utf8')))
    .filter(isReadable);
  const unique = new Map(found.map((stored) => [stored.digest, stored]));
  return [...unique.values()].sort((a, b) => (a.record.id < b.record.id ? -1 : 1));
}

function boundTo({ commit, binding, sealed }: EvidenceDocument['changes'][number]): BoundTo {
  return { commit, grade: binding, sealed };
}
