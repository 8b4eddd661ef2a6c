import { AgentLogError } from '../../core/errors.ts';
import type { TrustFile } from '../../core/generated/trust-v1.types.ts';
import { validate } from '../../core/generated/trust-v1.validate.ts';
import { parseStrictJson } from '../../core/json/strict.ts';
import { emptyRoster } from '../../identity/roster/parse.ts';
import { addressKey, type KeyHolder, type Roster, type RosterPerson } from '../../identity/roster/roster.ts';
import { parsePublicKey } from '../../identity/signatures/public-key.ts';
import type { VerifyDocument } from './report.ts';

export type { TrustFile };

const MAX_BYTES = 1024 * 1024;
export const MAX_TRUST_BYTES: number = MAX_BYTES;
const LIMITS = { depth: 8, values: 100_000 };

/** Reads what an auditor pins. Throws BAD_TRUST with what is wrong: nothing in it is passed over. */
export function parseTrust(text: string): TrustFile {
  if (text.length > MAX_BYTES) throw badTrust(`it is over ${MAX_BYTES} bytes`);
  const value = parseStrictJson(Buffer.from(text, 'utf8'), LIMITS);
  if (typeof value === 'string') throw badTrust(value);
  if (!validate(value)) {
    const error = validate.errors?.[0];
    throw badTrust(`${error?.instancePath || 'it'} ${error?.message ?? 'is not valid'}`);
  }
  const trust = value as TrustFile;
  for (const { name, keys } of trust.signers ?? [])
    for (const key of keys)
      if (parsePublicKey(key) === null) throw badTrust(`a key of ${name} is of no kind that counts`);
  return trust;
}

function badTrust(why: string): AgentLogError {
  return new AgentLogError('BAD_TRUST', 'usage', `the trust file can't be used: ${why}`, {
    hints: ['docs/verify.md says what a trust file holds, and how to make one.'],
  });
}

/** What of it there is to compare with. */
export function pinnedBy(trust: TrustFile | null): VerifyDocument['trusted'] {
  const names = ['roots', 'target', 'ledger', 'signers', 'records', 'manifest'] as const;
  return names.filter((name) => trust?.[name] !== undefined);
}

/** The people and pipelines whose keys an auditor pins; null where none are. */
export function trustedRoster(trust: TrustFile | null): Roster | null {
  if (trust?.signers === undefined) return null;
  const byKey = new Map<string, KeyHolder>();
  const byAddress = new Map<string, RosterPerson>();
  const people: RosterPerson[] = [];
  const ci: Roster['ci'][number][] = [];
  for (const { kind, name, email = `${name}@invalid`, keys: texts } of trust.signers) {
    const keys = texts.flatMap((text) => parsePublicKey(text)?.text ?? []).map(alwaysInForce);
    if (kind === 'maker') continue;
    if (kind === 'ci') {
      const pipeline = { name, keys, oidc: null };
      ci.push(pipeline);
      for (const key of keys) byKey.set(key.key, { kind: 'ci', ci: pipeline, key });
      continue;
    }
    const person = personOf(name, email, keys);
    people.push(person);
    byAddress.set(addressKey(email), person);
    for (const key of keys) byKey.set(key.key, { kind: 'person', person, key });
  }
  return { ...emptyRoster(''), people, ci, byAddress, byKey };
}

/** Names of those who may make bundles, by key: whoever is named `maker`; people and pipelines where nobody is. */
export function makersOf(trust: TrustFile | null): ReadonlyMap<string, string> | null {
  if (trust?.signers === undefined) return null;
  const named = trust.signers.filter(({ kind }) => kind === 'maker');
  const makers = (named.length > 0 ? named : trust.signers).flatMap(({ name, keys }) =>
    keys.flatMap((text): [string, string][] => {
      const key = parsePublicKey(text);
      return key === null ? [] : [[key.text, name]];
    }),
  );
  return new Map(makers);
}

function alwaysInForce(key: string): RosterPerson['keys'][number] {
  return { key, from: null, until: null, revoked: null };
}

function personOf(name: string, email: string, keys: RosterPerson['keys']): RosterPerson {
  const accounts = { github: null, gitlab: null };
  return { name, email, emails: [email.toLowerCase()], accounts, keys, roles: [], sponsors: null };
}
