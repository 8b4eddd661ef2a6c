import type { Finding } from './finding.ts';

const EMAIL =
  /(?<![\w.+%@/-])[A-Za-z0-9][\w.+%-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}(?![\w@-])/g;
const DOMAIN = /\.[A-Za-z]{2,24}$/;
/** Nobody's: documentation's domains (RFC 2606), addresses no mail is read at, a host's account, a picture for two pixels. */
const NOBODY =
  /[@.](?:example\.(?:com|org|net)|localhost)$|\.(?:example|test|invalid|local|localhost|png|jpe?g|gif|svg|webp|js|ts|css|json|md)$|^(?:git|noreply|no-reply|donotreply|do-not-reply)@|@users\.noreply\./i;

export function findEmails(text: string): Finding[] {
  return found(text, EMAIL, 'email', (email) => DOMAIN.test(email) && !NOBODY.test(email));
}

const CARD = /(?<![\w.+/=-])\d(?:[ -]?\d){12,18}(?![\w/=-]|\.\d)/g;
const ISSUERS =
  /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17})$/;
const GROUPED = /^(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{4,5})$/;
/** Numbers that payment providers publish for tests: nobody's card, and in the tests of every shop. */
const TEST_CARDS: ReadonlySet<string> = new Set(
  '4111111111111111 4242424242424242 4000056655665556 4012888888881881 4222222222222 4000000000000002 4000000000000077 4000002500003155 4000000000009995 5555555555554444 5200828282828210 5105105105105100 2223003122003222 378282246310005 371449635398431 378734493671000 6011111111111117 6011000990139424 3056930009020004 30569309025904 38520000023237 3566002020360505 3530111333300000 6200000000000005'.split(
    ' ',
  ),
);

export function findCards(text: string): Finding[] {
  return found(text, CARD, 'card', (card) => {
    const digits = card.replaceAll(/\D/g, '');
    return GROUPED.test(card) && ISSUERS.test(digits) && isLuhn(digits) && !TEST_CARDS.has(digits);
  });
}

/** The check digit of payment cards (ISO/IEC 7812). */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  }
  return sum % 10 === 0;
}

const IBAN = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/g;
/** Lengths by country, of the registry of ISO 13616. */
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20'
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

export function findIbans(text: string): Finding[] {
  return [...text.matchAll(IBAN)].flatMap(({ 0: match, index }) => {
    const length = IBAN_LENGTHS.get(match.slice(0, 2));
    const iban = length === undefined ? null : firstLetters(match, length);
    if (iban === null || !isIban(iban.replaceAll(' ', ''))) return [];
    return [{ rule: 'iban', start: index, end: index + iban.length }];
  });
}

/** The first so many letters, and the blanks between them. */
function firstLetters(text: string, count: number): string | null {
  let seen = 0;
  for (let i = 0; i < text.length; i++) if (text[i] !== ' ' && ++seen === count) return text.slice(0, i + 1);
  return null;
}

/** The check of ISO 7064: modulo 97 of what stands behind the first four, then they, with letters as numbers. */
export function isIban(iban: string): boolean {
  let rest = 0;
  for (const letter of `${iban.slice(4)}${iban.slice(0, 4)}`)
    for (const digit of String(Number.parseInt(letter, 36))) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}

const INTERNATIONAL = /(?<![\w+./-])\+[1-9](?:[ .()-]{0,2}\d){8,14}(?![\w-]|[.,:]\d)/g;
const NATIONAL = /(?<![\w.)-])(?:\([2-9]\d{2}\)[ -]?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}(?![\w-]|\.\d)/g;
const SAYS_PHONE =
  /(?:phone|tel|mobile|cell|fax|call|sms|whatsapp|contact|number|dial)\W{0,6}[\w ]{0,20}\W{0,4}$/i;

export function findPhones(text: string): Finding[] {
  const international = found(text, INTERNATIONAL, 'phone', (phone, at) => {
    const digits = phone.replaceAll(/\D/g, '').length;
    if (digits < 9 || digits > 15) return false;
    // A line added in a diff may begin with a number.
    return /[ ().-]/.test(phone.slice(1)) || !/(?:^|\n)$/.test(text.slice(Math.max(0, at - 1), at));
  });
  const national = found(
    text,
    NATIONAL,
    'phone',
    (phone, at) => phone.startsWith('(') || SAYS_PHONE.test(text.slice(Math.max(0, at - 40), at)),
  );
  return [...international, ...national];
}

function found(
  text: string,
  regex: RegExp,
  rule: string,
  accepts: (match: string, at: number) => boolean,
): Finding[] {
  return [...text.matchAll(regex)]
    .filter(({ 0: match, index }) => accepts(match, index))
    .map(({ 0: match, index }) => ({ rule, start: index, end: index + match.length }));
}
