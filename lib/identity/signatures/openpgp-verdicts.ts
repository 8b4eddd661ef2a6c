import { inTurn } from '../../core/lists.ts';
import type { SignatureRecord } from '../../core/records/record.ts';
import { type GitConfig, readConfig } from '../../git/repository/config.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Roster } from '../roster/roster.ts';
import { type GpgSaid, type Keyring, openKeyring } from './gpg.ts';
import { openpgpName, openpgpPayload, problemOfOpenpgpSignature } from './openpgp.ts';
import { notHolding, takesItsKey, type Verified } from './verify.ts';

/** What gpg says of an OpenPGP signature; null for one it was not asked about. */
export type OpenpgpVerdicts = (signature: SignatureRecord) => Verified | null;

/** Each takes a process. Over so many, the rest is said not to have been checked. */
const MOST = 200;
const NONE: OpenpgpVerdicts = () => null;

/**
 * Has gpg check the OpenPGP signatures of keys that a roster has, against those keys alone: the user's own keyring is not looked at. Costs nothing
 * where there are none.
 */
export async function openpgpVerdicts(
  repo: Repository,
  roster: Roster,
  signatures: readonly SignatureRecord[],
): Promise<OpenpgpVerdicts> {
  const asked = signatures.filter(
    ({ format, publicKey }) => format === 'openpgp' && roster.byKey.has(publicKey),
  );
  if (asked.length === 0) return NONE;
  const names = new Set(asked.map(({ publicKey }) => publicKey));
  const keys = [...names].flatMap((name) => roster.byKey.get(name)?.key.openpgp ?? []);
  const program = openpgpProgram(await readConfig(repo, ['gpg']));
  const keyring = await openKeyring(program, keys);
  if (keyring === null)
    return () => notHolding('gpg is not here, so that nobody can tell whether it holds', null);
  try {
    return await asking(keyring, turnsOf(asked));
  } finally {
    await keyring.close();
  }
}

/** Each once, what needs no process with it; and no record's many junk ones before another record's first. */
function turnsOf(asked: readonly SignatureRecord[]): SignatureRecord[] {
  const once = [...new Map(asked.map((one) => [keyOf(one), one])).values()];
  const cheap = once.filter((one) => !takesItsKey(one));
  return [...cheap, ...inTurn(once.filter(takesItsKey), ({ record }) => record).slice(0, MOST)];
}

/** The gpg that git itself would start. */
export function openpgpProgram(config: GitConfig): string {
  return config.get('gpg.openpgp.program') ?? config.get('gpg.program') ?? 'gpg';
}

async function asking(keyring: Keyring, asked: readonly SignatureRecord[]): Promise<OpenpgpVerdicts> {
  const strong = strongKeys(await keyring.list());
  const found = new Map<string, Verified>();
  for (const one of asked)
    if (!found.has(keyOf(one))) found.set(keyOf(one), await verdict(keyring, one, strong));
  return (signature) => found.get(keyOf(signature)) ?? null;
}

async function verdict(
  keyring: Keyring,
  { record, publicKey, signature }: SignatureRecord,
  strong: ReadonlySet<string>,
): Promise<Verified> {
  const no = (why: string): Verified => notHolding(why, publicKey);
  const problem = problemOfOpenpgpSignature(signature);
  if (problem !== null) return no(problem);
  const said = await keyring.verify(signature, openpgpPayload(record));
  const why = problemOfStatus(said, publicKey, strong);
  return why === null ? { holds: true, key: publicKey, namespace: null, present: false, why: null } : no(why);
}

const REFUSED: ReadonlyMap<string, string> = new Map([
  ['REVKEYSIG', 'its key is revoked by its owner'],
  ['EXPKEYSIG', 'its key has run out'],
  ['EXPSIG', 'it has run out'],
  ['BADSIG', 'it is not one of this record'],
  ['ERRSIG', 'gpg can not check it'],
  ['NOTATION_NAME', 'it says more than that it is a signature'],
  ['NOTATION_DATA', 'it says more than that it is a signature'],
  ['PLAINTEXT', 'it is not one signature and no more'],
  ['FAILURE', 'gpg can not check it'],
]);

/** Why what gpg says makes no signature of a key; null when it does. The status counts, and not the code alone; nothing else that is printed does. */
export function problemOfStatus(
  { code, status }: Pick<GpgSaid, 'code' | 'status'>,
  publicKey: string,
  strong: ReadonlySet<string>,
): string | null {
  const lines = status.map((line) => line.split(' '));
  for (const [word = ''] of lines) {
    const why = REFUSED.get(word);
    if (why !== undefined) return why;
  }
  const of = (word: string): string[][] => lines.filter(([first]) => first === word);
  const [valid, ...more] = of('VALIDSIG');
  if (code !== 0 || valid === undefined) return 'gpg can not check it';
  if (more.length > 0 || of('GOODSIG').length !== 1 || of('NEWSIG').length !== 1)
    return 'it is not one signature and no more';
  const [, fingerprint = '', , , , , , , hash = '', kind, primary = fingerprint] = valid;
  if (openpgpName(primary) !== publicKey) return 'it is by another key than its record names';
  if (kind !== '00' || !['8', '9', '10'].includes(hash)) return 'it is of a kind that does not count';
  return strong.has(fingerprint.toUpperCase()) ? null : 'its key is of no kind that counts';
}

/** RSA, ECDSA, EdDSA, as RFC 4880 and 6637 number them. */
const ALGORITHMS: ReadonlySet<string> = new Set(['1', '3', '19', '22']);
const LEAST_RSA_BITS = 2048;

/** Fingerprints of the keys and subkeys that are strong enough, in a listing `--with-colons`. */
export function strongKeys(listing: string): Set<string> {
  const strong = new Set<string>();
  let counts = false;
  for (const line of listing.split('\n')) {
    const [kind, , bits, algorithm = ''] = line.split(':');
    if (kind === 'pub' || kind === 'sub')
      counts = ALGORITHMS.has(algorithm) && (Number(algorithm) > 3 || Number(bits) >= LEAST_RSA_BITS);
    else if (kind === 'fpr' && counts) strong.add((line.split(':')[9] ?? '').toUpperCase());
  }
  return strong;
}

function keyOf({ record, publicKey, signature }: SignatureRecord): string {
  return JSON.stringify([record, publicKey, signature]);
}
