import { BASE62, BASE64, BASE64URL, DIGITS, HEX, LOWER, type Seeded, UPPER } from './seeded.ts';

/** A text as transcripts are full of, with nothing secret in it. */
export interface LookAlike {
  readonly name: string;
  readonly make: (random: Seeded) => string;
}

const of = (name: string, make: LookAlike['make']): LookAlike => ({ name, make });
const hex = (r: Seeded, count: number): string => r.letters(HEX, count);
const base64 = (r: Seeded, bytes: number): string => r.bytes(bytes).toString('base64');
const uuid = (r: Seeded): string => `${hex(r, 8)}-${hex(r, 4)}-4${hex(r, 3)}-a${hex(r, 3)}-${hex(r, 12)}`;
const NAMES = ['order', 'invoice', 'payment', 'session', 'customer', 'shipment'];

export const LOOK_ALIKES: readonly LookAlike[] = [
  of(
    'git-log',
    (r) =>
      `commit ${hex(r, 40)}\nAuthor: Build Bot <bot@users.noreply.github.com>\n\n    Fix the ${r.pick(NAMES)} list\n`,
  ),
  of(
    'git-diff-header',
    (r) =>
      `diff --git a/src/${r.pick(NAMES)}.ts b/src/${r.pick(NAMES)}.ts\nindex ${hex(r, 7)}..${hex(r, 7)} 100644\n`,
  ),
  of('oid-in-json', (r) => JSON.stringify({ oid: hex(r, 40), parents: [hex(r, 40)], treeKey: hex(r, 40) })),
  of('uuid', (r) => JSON.stringify({ id: uuid(r), requestId: uuid(r), [`${r.pick(NAMES)}Key`]: uuid(r) })),
  of(
    'npm-integrity',
    (r) =>
      `      "resolved": "https://registry.npmjs.org/x/-/x-1.2.3.tgz",\n      "integrity": "sha512-${base64(r, 64)}",\n`,
  ),
  of(
    'yarn-lock',
    (r) =>
      `lodash@^4.17.0:\n  version "4.17.21"\n  resolved "https://registry.yarnpkg.com/lodash/-/lodash-4.17.21.tgz#${hex(r, 40)}"\n  integrity sha1-${base64(r, 20)}\n`,
  ),
  of('yarn-berry-checksum', (r) => `  resolution: "got@npm:14.0.0"\n  checksum: 10c0/${hex(r, 128)}\n`),
  of(
    'go-sum',
    (r) =>
      `github.com/pkg/errors v0.9.1 h1:${base64(r, 32)}\ngithub.com/pkg/errors v0.9.1/go.mod h1:${base64(r, 32)}\n`,
  ),
  of('cargo-lock', (r) => `[[package]]\nname = "serde"\nversion = "1.0.200"\nchecksum = "${hex(r, 64)}"\n`),
  of(
    'pip-hash',
    (r) => `requests==2.31.0 \\\n    --hash=sha256:${hex(r, 64)} \\\n    --hash=sha256:${hex(r, 64)}\n`,
  ),
  of('docker-digest', (r) => `FROM node:20@sha256:${hex(r, 64)}\n# pushed ${hex(r, 12)}\n`),
  of(
    'subresource-integrity',
    (r) => `<script src="/app.js" integrity="sha384-${base64(r, 48)}" crossorigin></script>\n`,
  ),
  of(
    'data-url',
    (r) => `<img alt="logo" src="data:image/png;base64,iVBORw0KGgo${base64(r, r.between(90, 900))}">\n`,
  ),
  of(
    'source-map',
    (r) => `{"version":3,"sources":["a.ts"],"mappings":"${r.letters(`${BASE64};;,,,`, 300)}"}`,
  ),
  of('minified', minified),
  of(
    'chunk-names',
    (r) =>
      `dist/assets/index-${r.letters(BASE62, 8)}.js  142.1 kB\ndist/assets/vendor.${hex(r, 20)}.css  12 kB\n`,
  ),
  of(
    'iso-times',
    (r) =>
      `2026-0${r.between(1, 9)}-1${r.below(10)}T10:${r.between(10, 59)}:${r.between(10, 59)}.${r.letters(DIGITS, 6)}+02:00 started ${1_700_000_000_000 + r.below(1e9)}\n`,
  ),
  of(
    'epoch-micros',
    (r) => `ts=17${r.letters(DIGITS, 14)} dur=${r.letters(DIGITS, 13)} offset=${r.letters(DIGITS, 15)}\n`,
  ),
  of(
    'order-number',
    (r) =>
      `${r.pick(NAMES)} no. ${r.letters('123456789', 1)}${r.letters(DIGITS, 11)} and ${r.letters(DIGITS, 10)} were merged\n`,
  ),
  of('tracking-number', (r) => `parcel 00${r.letters(DIGITS, 18)} (1Z${r.letters(DIGITS + UPPER, 16)})\n`),
  of(
    'ip',
    (r) =>
      `connect 10.${r.below(255)}.${r.below(255)}.${r.below(255)}:5432 via fe80::${hex(r, 4)}:${hex(r, 4)}:${hex(r, 4)}:${hex(r, 4)}\n`,
  ),
  of('mac', (r) => `eth0 ${[...Array(6)].map(() => hex(r, 2)).join(':')} up\n`),
  of(
    'test-card',
    (r) =>
      `await pay({ number: '${r.pick(['4111111111111111', '4242 4242 4242 4242', '5555555555554444', '378282246310005'])}', cvc: '123' });\n`,
  ),
  of(
    'semver',
    (r) =>
      `typescript@5.${r.below(9)}.${r.below(9)}-dev.2026${r.letters('01', 2)}${r.letters('12', 2)}+build.${r.letters(DIGITS, 6)}\n`,
  ),
  of(
    'phone-like',
    (r) =>
      `ticket ${r.between(201, 989)}-${r.between(201, 989)}-${r.letters(DIGITS, 4)} in room ${r.letters(DIGITS, 3)}.${r.letters(DIGITS, 3)}.${r.letters(DIGITS, 4)}; ISBN 978-3-${r.letters(DIGITS, 2)}-${r.letters(DIGITS, 6)}-${r.below(10)}\n`,
  ),
  of(
    'diff-numbers',
    (r) =>
      `@@ -${r.between(100, 999)},${r.between(10, 99)} +${r.between(1000, 9999)},${r.between(10, 99)} @@\n+${r.letters('123456789', 10)}\n-${r.letters('123456789', 10)}\n`,
  ),
  of(
    'ssh-public-key',
    (r) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${r.letters(BASE64, 43)} jane@example.com\n`,
  ),
  of(
    'certificate',
    (r) =>
      `-----BEGIN CERTIFICATE-----\n${(base64(r, 700).match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`,
  ),
  of(
    'public-key-pem',
    (r) =>
      `-----BEGIN PUBLIC KEY-----\n${(base64(r, 294).match(/.{1,64}/g) ?? []).join('\n')}\n-----END PUBLIC KEY-----\n`,
  ),
  of(
    'placeholder-env',
    (r) =>
      `${r.pick(['API_KEY', 'GITHUB_TOKEN', 'DB_PASSWORD', 'AWS_SECRET_ACCESS_KEY'])}=${r.pick(['your-api-key-here', '<your token>', 'changeme', 'xxxxxxxxxxxxxxxxxxxx', `\${${r.pick(['TOKEN', 'SECRET'])}}`, '${{ secrets.DEPLOY_KEY }}'])}\n`,
  ),
  of('code-about-secrets', (r) => r.pick(CODE)),
  of('interface-text', (r) =>
    JSON.stringify({
      password: 'Password must be at least 12 characters',
      passwordHint: r.pick(['Forgot your password?', 'Repeat password']),
      token: 'Token',
    }),
  ),
  of(
    'camel-case',
    (r) =>
      `await ${r.pick(['abstractServiceAccountTokenProjectionFactoryBean', 'getPasswordResetConfirmationEmailTemplateV2', 'AwsSecretsManagerRotationLambdaHandlerFactory'])}.create(${r.pick(NAMES)});\n`,
  ),
  of(
    'cache-key',
    (r) =>
      `Cache restored from key: node-modules-Linux-${hex(r, 64)}\nkey: deps-v${r.below(9)}-{{ checksum "package-lock.json" }}\n`,
  ),
  of(
    'hashed-path',
    (r) =>
      `~/.cache/ms-playwright/${hex(r, 32)}/chrome\n/nix/store/${r.letters(DIGITS + LOWER, 32)}-openssl-3.0.12/lib\n`,
  ),
  of(
    'pods',
    (r) =>
      `web-${r.letters(DIGITS + LOWER, 9)}-${r.letters(LOWER, 5)}  1/1 Running\napi-key-rotator-${hex(r, 10)}-${r.letters(LOWER, 5)} 1/1 Running\n`,
  ),
  of(
    'ulid',
    (r) =>
      `Agent-Txn: 01J${r.letters('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 23)}\nAgent-Record: sha256:${hex(r, 64)}\n`,
  ),
  of(
    'video-link',
    (r) =>
      `see https://www.youtube.com/watch?v=${r.letters(BASE64URL, 11)} and https://docs.acme.io/d/${r.letters(BASE64URL, 44)}/edit\n`,
  ),
  of(
    'encoded-text',
    (r) =>
      `body: ${Buffer.from(JSON.stringify({ event: r.pick(NAMES), ok: true, items: [r.below(99), r.below(99)], note: 'nothing to hide' })).toString('base64')}\n`,
  ),
  of(
    'http-headers',
    (r) =>
      `etag: W/"${hex(r, 32)}"\nx-request-id: ${hex(r, 32)}\nx-amz-id-2: ${base64(r, 56)}\ncf-ray: ${hex(r, 16)}-FRA\n`,
  ),
  of(
    'keys-of-code',
    (r) =>
      `const primaryKey = '${r.pick(NAMES)}_id'; const foreignKey = "${r.pick(NAMES)}_${r.pick(NAMES)}_id_v2";\n<Row key={item.${r.pick(NAMES)}Id} sortKey="created_at_2026" />\n`,
  ),
  of(
    'addresses-of-nobody',
    (r) =>
      `git clone git@github.com:acme/${r.pick(NAMES)}.git\n"@types/node": "^20.1.${r.below(9)}", jane@example.com, noreply@acme.io, icon@2x.png\n`,
  ),
  of('placeholder-urls', (r) =>
    r
      .pick([
        'postgres://user:password@localhost:5432/db',
        'redis://localhost:6379/0',
        'https://<user>:<token>@git.acme.io/x.git',
        'postgres://postgres:postgres@db:5432/test',
        `mysql://\${DB_USER}:\${DB_PASS}@db/app`,
      ])
      .concat('\n'),
  ),
  of(
    'arns',
    (r) =>
      `arn:aws:iam::${r.letters(DIGITS, 12)}:role/deploy-${r.pick(NAMES)}\narn:aws:s3:::acme-${hex(r, 8)}/tfstate\n`,
  ),
  of(
    'test-output',
    (r) =>
      ` ✓ auth > refuses a token that expired (${r.between(2, 90)} ms)\n ✗ secrets > password: expected 'abc' to equal 'abd'\n at Object.<anonymous> (src/token.test.ts:${r.between(2, 900)}:17)\n`,
  ),
  of(
    'terraform-state',
    (r) =>
      `"serial": ${r.letters(DIGITS, 3)}, "lineage": "${uuid(r)}", "private": null, "schema_version": 0, "id": "sg-0${hex(r, 16)}"\n`,
  ),
  of(
    'css-and-svg',
    (r) =>
      `.css-${r.letters(LOWER + DIGITS, 7)}-MuiBox{color:#${hex(r, 6)}}<path d="M${r.between(1, 99)}.${r.letters(DIGITS, 3)} ${r.between(1, 99)}c-1.1 0-2 .9-2 2l${r.letters(DIGITS, 2)}.5z"/>\n`,
  ),
  of(
    'coverage',
    (r) =>
      `src/auth/token.ts | 97.${r.letters(DIGITS, 2)} | 88.8 | 100 | ${r.between(10, 99)}-${r.between(100, 199)}\nTotal tokens: ${r.letters('123456789', 6)}, max_tokens=${r.letters('123456789', 5)}\n`,
  ),
  of('session-of-agent', (r) =>
    JSON.stringify({
      session_id: uuid(r),
      message: { id: `msg_01${r.letters(BASE62, 22)}`, usage: { input_tokens: r.below(99999) } },
      tool_use_id: `toolu_01${r.letters(BASE62, 22)}`,
    }),
  ),
];

const CODE = [
  'const token = await getToken(request.headers.authorization);\nif (!token) throw new Error("no token");\n',
  'password: z.string().min(12).max(128),\napiKey: process.env.API_KEY ?? "",\n',
  'const secret = crypto.randomBytes(32).toString("hex");\nconst key = await subtle.importKey("raw", bytes);\n',
  'if (user.password !== hashPassword(input.password, user.salt)) return unauthorized();\n',
  'export const ACCESS_TOKEN_COOKIE = "acme_access_token";\nexport const API_KEY_HEADER = "X-Api-Key";\n',
  'PasswordResetToken.objects.filter(user=request.user, token=token_hash).delete()\n',
  'credentials = service_account.Credentials.from_service_account_file(key_path)\n',
  'secretKeyRef:\n  name: app-secrets\n  key: database-password\n',
  'client.setAuthToken(sessionStorage.getItem("authToken"));\nconst authTokenTtl = 3600;\n',
  'password = getpass.getpass("Password: ")\nparser.add_argument("--password", help="password for the db")\n',
  '# export a token first: export TOKEN=$(gcloud auth print-access-token)\ncurl -H "Authorization: Bearer $TOKEN" https://api.acme.io\n',
  'const passwordRegex = /^(?=.*[A-Z])(?=.*\\d).{12,}$/;\nlet tokenType: "Bearer" | "Basic" = "Bearer";\n',
];

function minified(r: Seeded): string {
  const name = (): string => r.letters(LOWER, r.between(1, 2));
  const parts = Array.from({ length: 40 }, () =>
    r.pick([
      `function ${name()}(${name()},${name()}){return ${name()}.${name()}(${name()})}`,
      `var ${name()}=${name()}(${r.below(999)}),${name()}=Object.defineProperty;`,
      `${name()}.exports={key:"${name()}",token:${name()}.${name()},auth:!0};`,
      `!function(){try{${name()}.password=${name()}}catch(${name()}){}}();`,
    ]),
  );
  return `/*! v1.${r.below(9)} */${parts.join('')}\n`;
}
