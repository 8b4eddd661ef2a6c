import { BASE62, BASE64, BASE64URL, DIGITS, HEX, LOWER, type Seeded, UPPER } from './seeded.ts';

/** A kind of secret or of personal data, made at run time: no scanner takes this repository for a leak. */
export interface Kind {
  readonly name: string;
  /** Names a file would give it. */
  readonly names: readonly string[];
  /** Where it may stand: a token anywhere, a value only behind its name, a block on lines of its own, data in a sentence. */
  readonly stands: 'token' | 'value' | 'block' | 'url' | 'sentence';
  readonly make: (random: Seeded) => string;
}

const token = (name: string, names: readonly string[], make: Kind['make']): Kind => ({
  name,
  names,
  stands: 'token',
  make,
});
const value = (name: string, names: readonly string[], make: Kind['make']): Kind => ({
  name,
  names,
  stands: 'value',
  make,
});
const url = (name: string, names: readonly string[], make: Kind['make']): Kind => ({
  name,
  names,
  stands: 'url',
  make,
});
const block = (name: string, make: Kind['make']): Kind => ({
  name,
  names: ['PRIVATE_KEY', 'private_key'],
  stands: 'block',
  make,
});
const sentence = (name: string, make: Kind['make']): Kind => ({ name, names: [], stands: 'sentence', make });

export const KINDS: readonly Kind[] = [
  token(
    'github-classic',
    ['GITHUB_TOKEN', 'gh_token'],
    (r) => `${r.pick(['ghp', 'gho', 'ghs'])}_${r.letters(BASE62, 36)}`,
  ),
  token(
    'github-fine-grained',
    ['GH_PAT', 'githubToken'],
    (r) => `github_pat_${r.letters(BASE62, 22)}_${r.letters(BASE62, 59)}`,
  ),
  token('gitlab', ['GITLAB_TOKEN', 'ciToken'], (r) => `glpat-${r.letters(BASE64URL, 20)}`),
  token(
    'aws-key-id',
    ['AWS_ACCESS_KEY_ID', 'accessKeyId'],
    (r) => `${r.pick(['AKIA', 'ASIA'])}${r.letters(`${UPPER}234567`, 16)}`,
  ),
  value('aws-secret', ['AWS_SECRET_ACCESS_KEY', 'aws_secret_access_key'], (r) => r.letters(BASE64, 40)),
  token(
    'gcp-api-key',
    ['GOOGLE_API_KEY', 'mapsKey'],
    (r) => `AIza${r.letters(BASE64URL, 34)}${r.letters(BASE62, 1)}`,
  ),
  token(
    'google-oauth-secret',
    ['GOOGLE_CLIENT_SECRET', 'client_secret'],
    (r) => `GOCSPX-${r.letters(BASE64URL, 27)}${r.letters(BASE62, 1)}`,
  ),
  token(
    'slack-bot',
    ['SLACK_BOT_TOKEN', 'slackToken'],
    (r) => `xoxb-${r.letters(DIGITS, 12)}-${r.letters(DIGITS, 13)}-${r.letters(BASE62, 24)}`,
  ),
  token(
    'slack-webhook',
    ['SLACK_WEBHOOK', 'webhookUrl'],
    (r) =>
      `https://hooks.slack.com/services/T${r.letters(DIGITS + UPPER, 8)}/B${r.letters(DIGITS + UPPER, 10)}/${r.letters(BASE62, 24)}`,
  ),
  token(
    'stripe',
    ['STRIPE_SECRET_KEY', 'stripeKey'],
    (r) => `${r.pick(['sk', 'rk'])}_live_${r.letters(BASE62, r.pick([24, 99]))}`,
  ),
  token('npm', ['NPM_TOKEN', 'npmToken'], (r) => `npm_${r.letters(BASE62, 36)}`),
  token('pypi', ['PYPI_TOKEN', 'TWINE_PASSWORD'], (r) => `pypi-AgEIcHlwaS5vcmc${r.letters(BASE64URL, 150)}`),
  token(
    'openai',
    ['OPENAI_API_KEY', 'openaiKey'],
    (r) =>
      `sk-proj-${r.letters(BASE64URL, 73)}${r.letters(BASE62, 1)}T3BlbkFJ${r.letters(BASE64URL, 73)}${r.letters(BASE62, 1)}`,
  ),
  token(
    'anthropic',
    ['ANTHROPIC_API_KEY', 'anthropicKey'],
    (r) => `sk-ant-api03-${r.letters(BASE64URL, 92)}${r.letters(BASE62, 1)}AA`,
  ),
  token('huggingface', ['HF_TOKEN', 'hfToken'], (r) => `hf_${r.letters(LOWER + UPPER, 34)}`),
  token(
    'sendgrid',
    ['SENDGRID_API_KEY', 'sendgridKey'],
    (r) => `SG.${r.letters(BASE62, 22)}.${r.letters(BASE62, 43)}`,
  ),
  token('twilio', ['TWILIO_API_KEY', 'twilioSid'], (r) => `SK${r.letters(HEX, 32)}`),
  token(
    'docker',
    ['DOCKER_TOKEN', 'dockerPat'],
    (r) => `dckr_pat_${r.letters(BASE64URL, 26)}${r.letters(BASE62, 1)}`,
  ),
  token('digitalocean', ['DO_TOKEN', 'doToken'], (r) => `dop_v1_${r.letters(HEX, 64)}`),
  token('shopify', ['SHOPIFY_TOKEN', 'shopifyToken'], (r) => `shpat_${r.letters(HEX, 32)}`),
  token(
    'telegram',
    ['BOT_TOKEN', 'telegramToken'],
    (r) =>
      `${r.pick(['1', '5', '7'])}${r.letters(DIGITS, 9)}:AA${r.letters(BASE64URL, 32)}${r.letters(BASE62, 1)}`,
  ),
  token(
    'discord-webhook',
    ['DISCORD_WEBHOOK', 'webhook'],
    (r) => `https://discord.com/api/webhooks/1${r.letters(DIGITS, 18)}/${r.letters(BASE62, 68)}`,
  ),
  token('vault', ['VAULT_TOKEN', 'vaultToken'], (r) => `hvs.${r.letters(BASE62, 95)}`),
  token('jwt', ['ID_TOKEN', 'sessionToken'], jwt),
  value(
    'azure-storage',
    ['AZURE_STORAGE_CONNECTION_STRING', 'connectionString'],
    (r) =>
      `DefaultEndpointsProtocol=https;AccountName=acme${r.letters(LOWER, 4)};AccountKey=${r.letters(BASE64, 86)}==;EndpointSuffix=core.windows.net`,
  ),
  value(
    'azure-client-secret',
    ['AZURE_CLIENT_SECRET', 'clientSecret'],
    (r) => `${r.letters(BASE62, 3)}${r.letters(DIGITS, 1)}Q~${r.letters(BASE62, 34)}`,
  ),
  value('datadog', ['DATADOG_APP_KEY', 'datadog_app_key'], (r) => r.letters(HEX, 40)),
  value('mailgun', ['MAILGUN_API_KEY', 'mailgun_key'], (r) => `key-${r.letters(HEX, 32)}`),
  value('generic-hex', ['INTERNAL_API_KEY', 'api_key', 'authToken'], (r) =>
    r.letters(HEX, r.pick([32, 40, 64])),
  ),
  value('generic-base62', ['SESSION_SECRET', 'apiKey', 'access_token'], (r) =>
    r.letters(BASE62, r.pick([24, 32, 48])),
  ),
  value('password', ['DB_PASSWORD', 'password', 'SMTP_PASS'], password),
  url(
    'postgres-url',
    ['DATABASE_URL', 'dbUrl'],
    (r) =>
      `postgres://svc_${r.letters(LOWER, 5)}:${urlPassword(r)}@db-${r.letters(DIGITS, 2)}.internal.acme.io:5432/orders`,
  ),
  url('redis-url', ['REDIS_URL', 'cacheUrl'], (r) => `redis://:${urlPassword(r)}@cache.acme.io:6379/0`),
  url(
    'basic-auth-url',
    ['REGISTRY', 'feedUrl'],
    (r) => `https://deploy:${urlPassword(r)}@packages.acme.io/simple/`,
  ),
  block('rsa-pkcs1', (r) => pem(r, 'RSA PRIVATE KEY', 1190)),
  block('pkcs8', (r) => pem(r, 'PRIVATE KEY', 1216)),
  block('ec', (r) => pem(r, 'EC PRIVATE KEY', 121)),
  block('openssh', (r) => pem(r, 'OPENSSH PRIVATE KEY', 399, 70)),
  block('encrypted-pkcs8', (r) => pem(r, 'ENCRYPTED PRIVATE KEY', 1300)),
  block(
    'pgp',
    (r) =>
      `-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${lines(r, 2000, 64)}\n=${r.letters(BASE64, 4)}\n-----END PGP PRIVATE KEY BLOCK-----`,
  ),
  sentence('bearer', (r) => r.letters(BASE62, r.between(28, 60))),
  sentence('random-word', (r) => r.letters(BASE62, r.pick([40, 48, 64]))),
  sentence(
    'email',
    (r) =>
      `${r.pick(['maria.lopez', 'k.tanaka', 'o-brien', 'sven_h'])}${r.letters(DIGITS, 2)}@${r.pick(['gmail.com', 'acme-corp.de', 'mail.co.uk'])}`,
  ),
  sentence('card', card),
  sentence('iban', iban),
  sentence('phone', phone),
];

function jwt(r: Seeded): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    sub: r.letters(DIGITS, 8),
    iat: 1_700_000_000 + r.below(1e7),
    aud: 'orders',
    role: 'admin',
  };
  return `${part({ alg: 'RS256', typ: 'JWT', kid: r.letters(HEX, 8) })}.${part(claims)}.${r.letters(BASE64URL, 85)}${r.letters(BASE62, 1)}`;
}

const WORDS = ['Falcon', 'river', 'Granite', 'tiger', 'Maple', 'orbit', 'Copper', 'velvet'];

/** As people choose them, and as managers make them. */
function password(r: Seeded): string {
  const chosen = `${r.pick(WORDS)}${r.pick(['#', '!', '-', '$', '_'])}${r.pick(WORDS)}${r.between(10, 9999)}`;
  return r.pick([chosen, `${chosen}!`, r.letters(`${BASE62}!@#%^*_`, 20)]);
}

function urlPassword(r: Seeded): string {
  return r.pick([
    `${r.pick(WORDS)}${r.between(100, 9999)}${r.pick(['!', '-x', '_'])}`,
    r.letters(BASE62, 24),
  ]);
}

function lines(r: Seeded, bytes: number, width: number): string {
  return (
    r
      .bytes(bytes)
      .toString('base64')
      .match(new RegExp(`.{1,${width}}`, 'g')) ?? []
  ).join('\n');
}

function pem(r: Seeded, label: string, bytes: number, width = 64): string {
  return `-----BEGIN ${label}-----\n${lines(r, bytes, width)}\n-----END ${label}-----`;
}

function card(r: Seeded): string {
  const [prefix, length] = r.pick([
    ['4', 16],
    ['52', 16],
    ['37', 15],
    ['6011', 16],
  ] as const);
  const body = prefix + r.letters(DIGITS, length - 1 - prefix.length);
  const digits = body + luhnDigit(body);
  if (length === 15) return r.pick([digits, digits.replace(/^(.{4})(.{6})(.{5})$/, '$1 $2 $3')]);
  const separator = r.pick(['', ' ', '-']);
  return digits.replace(/(.{4})(?=.)/g, `$1${separator}`);
}

function luhnDigit(body: string): string {
  const sum = [...body].reverse().reduce((all, digit, i) => {
    const doubled = Number(digit) * 2;
    return all + (i % 2 === 0 ? (doubled > 9 ? doubled - 9 : doubled) : Number(digit));
  }, 0);
  return String((10 - (sum % 10)) % 10);
}

function iban(r: Seeded): string {
  const [country, bban] = r.pick([
    ['DE', r.letters(DIGITS, 18)],
    ['FR', r.letters(DIGITS, 23)],
    ['GB', `NWBK${r.letters(DIGITS, 14)}`],
    ['ES', r.letters(DIGITS, 20)],
    ['NL', `ABNA${r.letters(DIGITS, 10)}`],
  ] as const);
  const number = [...`${bban}${country}00`].map((letter) => String(Number.parseInt(letter, 36))).join('');
  const check = String(98n - (BigInt(number) % 97n)).padStart(2, '0');
  const whole = `${country}${check}${bban}`;
  return r.pick([whole, whole.replace(/(.{4})(?=.)/g, '$1 ')]);
}

function phone(r: Seeded): string {
  const d = (count: number): string => r.letters(DIGITS, count);
  return r.pick([
    `+49 ${r.between(151, 179)} ${d(7)}`,
    `+1 (${r.between(201, 989)}) ${r.between(201, 989)}-${d(4)}`,
    `+44 20 7${d(3)} ${d(4)}`,
    `+33 6 ${d(2)} ${d(2)} ${d(2)} ${d(2)}`,
    `(${r.between(201, 989)}) ${r.between(201, 989)}-${d(4)}`,
  ]);
}
