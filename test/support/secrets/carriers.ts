import type { Kind } from './kinds.ts';
import type { Seeded } from './seeded.ts';

/** Puts a secret where transcripts have them. `parts` are the pieces of it that must not be there afterwards. */
export interface Carried {
  readonly text: string;
  readonly parts: readonly string[];
}

type Carrier = (name: string, secret: string, random: Seeded) => Carried;

const plain =
  (make: (name: string, secret: string, random: Seeded) => string): Carrier =>
  (name, secret, random) => ({ text: make(name, secret, random), parts: [secret] });

const quoted = (value: string): string => JSON.stringify(value).slice(1, -1);
const NOISE = 'Read 3 files, then ran the tests: 41 passed, 0 failed (1.2 s)\n';

const env: Carrier = plain(
  (name, secret) => `# settings\nNODE_ENV=production\n${name}=${secret}\nPORT=8080\n`,
);
const json: Carrier = (name, secret) => ({
  text: JSON.stringify({ region: 'eu-west-1', [name]: secret, retries: 3 }, null, 2),
  parts: [quoted(secret)],
});
const code: Carrier = plain(
  (name, secret) => `const client = new Client({\n  ${camel(name)}: '${secret}',\n  timeout: 3000,\n});\n`,
);
const yaml: Carrier = plain(
  (name, secret) => `services:\n  web:\n    environment:\n      ${name}: "${secret}"\n    ports: [8080]\n`,
);
const diff: Carrier = plain((name, secret) => `@@ -1,3 +1,4 @@\n PORT=8080\n+${name}=${secret}\n LOG=info\n`);
const toolCall: Carrier = (name, secret) => ({
  text: JSON.stringify({ tool: 'Bash', input: { command: `export ${name}="${secret}"\nnpm run deploy` } }),
  parts: [quoted(secret)],
});
const twice: Carrier = (name, secret) => {
  const inner = JSON.stringify({ content: `${name}="${secret}"\n` });
  return { text: JSON.stringify({ type: 'tool_result', output: inner }), parts: [quoted(quoted(secret))] };
};
const log: Carrier = plain(
  (name, secret) => `2026-03-04T10:11:12.345Z INFO [boot] ${name}=${secret} loaded in 12 ms\n`,
);
const prose: Carrier = plain(
  (_name, secret) => `${NOISE}Please use ${secret} for the staging run, and rotate it after.\n`,
);
const table: Carrier = plain((name, secret) => `| name | value |\n| --- | --- |\n| ${name} | ${secret} |\n`);
const html: Carrier = plain(
  (name, secret) => `<config><${camel(name)}>${secret}</${camel(name)}></config>\n`,
);
const query: Carrier = plain(
  (_name, secret) => `GET https://api.acme.io/v2/items?limit=20&k=${secret}&page=2 200 OK\n`,
);
const wrapped: Carrier = (name, secret, random) => {
  const at = random.between(Math.min(14, Math.floor(secret.length / 2)), secret.length - 6);
  return {
    text: `export ${name}=${secret.slice(0, at)}\n${secret.slice(at)}\n$ `,
    parts: [secret.slice(0, at), secret.slice(at)],
  };
};
const concatenated: Carrier = (name, secret, random) => {
  const at = random.between(Math.min(14, Math.floor(secret.length / 2)), secret.length - 6);
  return {
    text: `const ${camel(name)} =\n  '${secret.slice(0, at)}' +\n  '${secret.slice(at)}';\n`,
    parts: [secret.slice(0, at), secret.slice(at)],
  };
};
const encoded: Carrier = (name, secret, random) => {
  const inside = Buffer.from(`${'#'.repeat(random.below(4))}\n${name}=${secret}\nPORT=8080\n`).toString(
    'base64',
  );
  return { text: `data:\n  .env: ${inside}\n`, parts: [inside.slice(8, -8)] };
};
const encodedLines: Carrier = (name, secret) => {
  const inside = Buffer.from(`NODE_ENV=production\n${name}=${secret}\n`).toString('base64');
  const lines = inside.match(/.{1,76}/g) ?? [];
  return { text: `$ base64 .env\n${lines.join('\n')}\n$ `, parts: lines.filter((line) => line.length > 24) };
};

const lines: Carrier = (_name, secret) => ({ text: `$ cat key.pem\n${secret}\n$ `, parts: keyLines(secret) });
const indented: Carrier = (_name, secret) => ({
  text: `tls:\n  key: |\n${secret.replaceAll(/^/gm, '    ')}\n  port: 443\n`,
  parts: keyLines(secret),
});
const escapedKey: Carrier = (name, secret) => ({
  text: JSON.stringify({ type: 'service_account', [name]: secret }),
  parts: keyLines(secret),
});
const keyInDiff: Carrier = (_name, secret) => ({
  text: `+++ b/key.pem\n@@ -0,0 +1,30 @@\n${secret.replaceAll(/^/gm, '+')}\n`,
  parts: keyLines(secret),
});
const keyInCode: Carrier = (_name, secret) => ({
  text: `const key =\n${secret
    .split('\n')
    .map((line) => `  '${line}\\n'`)
    .join(' +\n')};\n`,
  parts: keyLines(secret),
});
const cutKey: Carrier = (_name, secret) => {
  const cut = secret.slice(0, Math.floor(secret.length * 0.7));
  return { text: `$ head key.pem\n${cut}\n`, parts: keyLines(cut) };
};

/** What is telling of a key: its long lines. */
function keyLines(secret: string): string[] {
  return secret.split('\n').filter((line) => line.length > 40 && !line.startsWith('-----'));
}

const SENTENCES: Readonly<Record<string, readonly Carrier[]>> = {
  bearer: [
    plain((_n, secret) => `curl -s -H "Authorization: Bearer ${secret}" https://api.acme.io/v1/me\n`),
    plain((_n, secret) => `headers: { authorization: 'Bearer ${secret}', accept: 'application/json' },\n`),
    (_n, secret) => ({
      text: JSON.stringify({ cmd: `curl -H "Authorization: Bearer ${secret}" x` }),
      parts: [secret],
    }),
  ],
  'random-word': [
    plain((_n, secret) => `The deploy asks for "${secret}" on the first start.\n`),
    plain((_n, secret) => `vendor.init('${secret}', { region: 'eu' });\n`),
    plain((_n, secret) => `X-Acme-Auth-Value: ${secret}\n`),
  ],
  email: [
    plain((_n, secret) => `The customer ${secret} can't log in since Tuesday.\n`),
    plain((_n, secret) => `INSERT INTO users (id, mail) VALUES (7, '${secret}');\n`),
    (_n, secret) => ({ text: JSON.stringify({ user: { contact: secret } }), parts: [secret] }),
  ],
  card: [
    plain((_n, secret) => `Refund the order paid with ${secret}, exp 04/29.\n`),
    plain((_n, secret) => `INSERT INTO payments VALUES (19, '${secret}', 'EUR');\n`),
    (_n, secret) => ({ text: JSON.stringify({ card: { number: secret } }), parts: [secret] }),
  ],
  iban: [
    plain((_n, secret) => `Transfer to ${secret} until Friday.\n`),
    (_n, secret) => ({
      text: JSON.stringify({ payout: { iban: secret, currency: 'EUR' } }),
      parts: [secret],
    }),
    plain((_n, secret) => `payee;account\nMiller;${secret}\n`),
  ],
  phone: [
    plain((_n, secret) => `Call the customer on ${secret} when it is fixed.\n`),
    plain((_n, secret) => `name,phone\nM. Lopez,${secret}\n`),
    (_n, secret) => ({ text: JSON.stringify({ phone: secret }), parts: [secret] }),
  ],
};

const BY_STAND: Readonly<Record<Exclude<Kind['stands'], 'sentence'>, readonly Carrier[]>> = {
  token: [
    env,
    json,
    code,
    yaml,
    diff,
    toolCall,
    twice,
    log,
    prose,
    table,
    html,
    query,
    wrapped,
    concatenated,
    encoded,
    encodedLines,
  ],
  value: [env, json, code, yaml, diff, toolCall, twice, log, encoded],
  url: [env, json, code, yaml, diff, toolCall, twice, log, prose, encoded],
  block: [lines, indented, escapedKey, keyInDiff, keyInCode, cutKey, encodedLines],
};

/** The carriers of a kind. An address of a webhook is not put into another's query. */
export function carriersOf(kind: Kind): readonly Carrier[] {
  if (kind.stands === 'sentence') return SENTENCES[kind.name] ?? [];
  const all = BY_STAND[kind.stands];
  return kind.name.endsWith('webhook') ? all.filter((carrier) => carrier !== query) : all;
}

function camel(name: string): string {
  return name.includes('_')
    ? name.toLowerCase().replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    : name;
}
