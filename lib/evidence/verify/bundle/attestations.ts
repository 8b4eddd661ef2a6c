import { encodeEnvelope, IN_TOTO_TYPE, parseEnvelope, signedOfEnvelope } from '../../../core/dsse.ts';
import { ENVELOPE_NAMESPACE } from '../../../identity/signatures/envelope-key.ts';
import { fingerprint } from '../../../identity/signatures/public-key.ts';
import { verifySshSignature } from '../../../identity/signatures/verify.ts';
import { type Attested, type Saying, statementsOf } from '../../attest/lines.ts';
import type { Report } from '../report.ts';
import { makerKey } from './manifest.ts';
import type { Differs } from './readings.ts';
import type { BundleSource } from './source.ts';

export const ATTESTATIONS = 'attestations.intoto.jsonl';

/**
 * The attestations of a bundle: each is the statement that the evidence makes, in its place, and signed by whoever signed the
 * manifest, or by nobody. A signature that does not hold is wrong whichever version made it.
 */
export async function checkAttestations(
  bytes: Buffer,
  evidence: Attested,
  {
    source,
    report,
    differs,
  }: { readonly source: BundleSource; readonly report: Report; readonly differs: Differs },
): Promise<void> {
  const lines = bytes.toString('utf8').split('\n').slice(0, -1);
  const expected = statementsOf(evidence);
  const maker = await makerKey(source);
  if (lines.length !== expected.length)
    differs(ATTESTATIONS, `it has ${lines.length} statements, and the evidence makes ${expected.length}`);
  for (const [i, line] of lines.entries()) {
    report.checked('readings');
    const broken = brokenBy(line, maker);
    const saying = expected[i];
    if (broken !== null) report.fails('readings', ATTESTATIONS, `line ${i + 1}: ${broken}`);
    else if (saying !== undefined && !isSaid(line, saying, maker !== null))
      differs(ATTESTATIONS, `line ${i + 1} is not the statement that the evidence makes`);
  }
}

/** Why a line is no envelope of the maker's; null where it is one. */
function brokenBy(line: string, maker: string | null): string | null {
  const envelope = parseEnvelope(line);
  if (typeof envelope === 'string') return `it is no envelope: ${envelope}`;
  if (encodeEnvelope(envelope) !== line) return 'it is not written as an envelope of ours, or holds more';
  const signed = signedOfEnvelope(envelope.payloadType, envelope.payload);
  for (const { sig, keyid } of envelope.signatures) {
    const { holds, key, why } = verifySshSignature(sig.toString('latin1'), signed, ENVELOPE_NAMESPACE);
    if (!holds || key === null) return `its signature does not hold: ${why ?? ''}`;
    if (key !== maker) return 'it is signed with another key than the manifest';
    if (keyid !== fingerprint(key)) return 'it names another key than it is signed with';
  }
  return null;
}

function isSaid(line: string, { statement, isOurs }: Saying, isSigned: boolean): boolean {
  const envelope = parseEnvelope(line);
  return (
    typeof envelope !== 'string' &&
    envelope.payloadType === IN_TOTO_TYPE &&
    envelope.payload.equals(Buffer.from(JSON.stringify(statement), 'utf8')) &&
    envelope.signatures.length === (isOurs && isSigned ? 1 : 0)
  );
}
