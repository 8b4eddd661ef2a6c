import type { Finding } from './finding.ts';
import { findCards, findEmails, findIbans, findPhones } from './personal.ts';

/** What is done with personal data of a kind: left alone, replaced by what it was, or taken out without a mark. */
export type PiiAction = 'keep' | 'mask' | 'drop';

export const PII_CLASSES = ['email', 'card', 'iban', 'phone'] as const;
export type PiiClass = (typeof PII_CLASSES)[number];
export type PiiSettings = Readonly<Record<PiiClass, PiiAction>>;

/**
 * Addresses of mail are in every commit, manifest and licence an agent reads, and its record names people by them: masking
 * them would blank out the work and hide nobody. The others say nothing about code.
 */
export const PII_DEFAULTS: PiiSettings = { email: 'keep', card: 'mask', iban: 'mask', phone: 'mask' };

const FINDERS: Readonly<Record<PiiClass, (text: string) => Finding[]>> = {
  email: findEmails,
  card: findCards,
  iban: findIbans,
  phone: findPhones,
};

/** `agentLog.pii.<class>` of local git configuration. What is misspelt masks: a typo never widens what is kept. */
export function piiSettings(config: ReadonlyMap<string, string>): PiiSettings {
  const entries = PII_CLASSES.map((name): [PiiClass, PiiAction] => {
    const value = config.get(`agentlog.pii.${name}`)?.toLowerCase();
    if (value === undefined) return [name, PII_DEFAULTS[name]];
    return [name, value === 'keep' || value === 'drop' ? value : 'mask'];
  });
  return Object.fromEntries(entries) as Record<PiiClass, PiiAction>;
}

/** Personal data of the classes that are not kept. */
export function findPii(text: string, settings: PiiSettings): Finding[] {
  return PII_CLASSES.flatMap((name) => (settings[name] === 'keep' ? [] : FINDERS[name](text)));
}

/** Whether what a rule finds is taken out without a mark. */
export function isDropped(rule: string, settings: PiiSettings): boolean {
  return PII_CLASSES.some((name) => name === rule && settings[name] === 'drop');
}
