import { looksLikePassword } from './password.ts';
import type { Match, Rule } from './rule.ts';

interface Written {
  readonly heads: readonly string[];
  readonly pattern: RegExp;
  readonly back?: readonly [number, number];
  readonly kind?: Rule['kind'];
  readonly entropy?: number;
  readonly accepts?: (match: Match) => boolean;
}

/** Tokens gitleaks has no rule for yet, or none that finds today's. Each begins with letters nothing else begins with. */
const TOKENS: Readonly<Record<string, Written>> = {
  'anthropic-key': { heads: ['sk-ant-'], pattern: /sk-ant-[a-z]{2,8}\d{2}-[\w-]{40,200}/ },
  'openai-key': {
    heads: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
    pattern: /sk-(?:proj|svcacct|admin)-[\w-]{40,300}/,
  },
  'openrouter-key': { heads: ['sk-or-v1-'], pattern: /sk-or-v1-[a-f0-9]{64}/ },
  'groq-key': { heads: ['gsk_'], pattern: /gsk_[A-Za-z0-9]{40,80}/ },
  'xai-key': { heads: ['xai-'], pattern: /xai-[A-Za-z0-9]{60,120}/ },
  'google-client-secret': { heads: ['gocspx-'], pattern: /GOCSPX-[\w-]{28}/ },
  'google-access-token': { heads: ['ya29.'], pattern: /ya29\.[\w-]{30,500}/ },
  'google-refresh-token': { heads: ['1//0'], pattern: /1\/\/0[\w-]{40,200}/, entropy: 3.5 },
  'docker-token': { heads: ['dckr_pat_', 'dckr_oat_'], pattern: /dckr_[op]at_[\w-]{27,60}/ },
  'supabase-token': { heads: ['sbp_', 'sb_secret_'], pattern: /(?:sbp_[a-f0-9]{40}|sb_secret_[\w-]{20,60})/ },
  'figma-token': { heads: ['figd_', 'figu_'], pattern: /fig[du]_[\w-]{36,60}/ },
  'tailscale-key': { heads: ['tskey-'], pattern: /tskey-[a-z]{2,10}-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{16,40}/ },
  'stripe-webhook-secret': { heads: ['whsec_'], pattern: /whsec_[A-Za-z0-9+/]{24,64}={0,2}/ },
  'gitlab-token': {
    heads: ['glpat-', 'glptt-', 'gldt-', 'glrt-', 'glsoat-'],
    pattern: /gl(?:pat|ptt|dt|rt|soat)-[\w-]{20,64}/,
  },
  'databricks-token': { heads: ['dapi'], pattern: /dapi[a-f0-9]{32}(?:-\d)?(?![\w-])/, entropy: 3 },
  'telegram-bot-token': { heads: [':aa'], pattern: /\b\d{8,10}:AA[\w-]{33}(?![\w-])/, back: [8, 10] },
  'discord-webhook': {
    heads: ['discord.com/', 'discordapp.com/'],
    pattern: /discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/\d{17,20}\/[\w-]{60,80}/,
  },
  jwt: { heads: ['eyj'], pattern: /(?<![\w-])eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4096}\.[\w-]{10,1000}/ },
  'azure-storage-key': { heads: ['accountkey='], pattern: /AccountKey=([A-Za-z0-9+/]{86}==)/ },
  'azure-shared-access-key': { heads: ['sharedaccesskey='], pattern: /SharedAccessKey=([A-Za-z0-9+/]{43}=)/ },
  'azure-sas': { heads: ['sig='], pattern: /(?<=[?&;"' ])sig=([A-Za-z0-9%+/]{43,64}(?:=|%3D)?)(?![\w%+/])/ },
};

/** What stands at a place where secrets stand, whatever it looks like. */
const PLACES: Readonly<Record<string, Written>> = {
  'authorization-header': {
    heads: ['bearer', 'basic', 'token '],
    pattern:
      /\b(?:Bearer|bearer|BEARER|Basic|basic|[Tt]oken)[ \t]{1,3}([\w~+/.-]{16,2048}={0,2})(?![\w~+/.-])/,
    entropy: 3.2,
    accepts: ({ secret }) =>
      /\d/.test(secret) && /[A-Za-z]/.test(secret) && !/[./-]{2}|\.\w{1,4}$/.test(secret),
  },
  'curl-user': {
    heads: ['-u ', '-u"', "-u'", '--user ', '--user='],
    pattern: /(?<=[ \t\n])(?:-u|--user)[ =]{0,2}["']?[\w.@+-]{1,64}:([^\s"'`:@$<{]{6,100})/,
    accepts: looksLikePassword,
  },
  'url-password': {
    heads: ['://'],
    // The name may have an @ (an address), the password what addresses must not have.
    pattern: /:\/\/[\w.%+~-]{0,64}:([^\s/@:"'`<>\\]{4,128})@[\w[]/,
    accepts: looksLikePassword,
  },
  password: {
    heads: ['password', 'passwd', 'passphrase', 'pwd', 'pass', 'secret'],
    pattern:
      /(?:password|passwd|passphrase|pwd|pass|secret)[\w-]{0,20}["'`]?[ \t]{0,4}(?:=>|:=|=|:)[ \t]{0,4}(?:"([^"\n]{6,128})"|'([^'\n]{6,128})'|`([^`\n]{6,128})`|([^\s"'`,;()[\]{}<>]{8,128})(?=[\s,;})\]]|$))/i,
    kind: 'assigned',
    accepts: looksLikePassword,
  },
  'netrc-password': {
    heads: ['password '],
    pattern: /(?<=login[ \t]{1,4}\S{1,64}\s{1,8})password[ \t]{1,4}(\S{6,128})/,
    accepts: looksLikePassword,
  },
};

/** The rules of our own. */
export function ownRules(): Rule[] {
  return Object.entries({ ...TOKENS, ...PLACES }).map(([id, written]) => ({
    id,
    kind: written.kind ?? (id in TOKENS ? 'token' : 'assigned'),
    heads: written.heads,
    back: written.back ?? [0, 0],
    source: written.pattern.source,
    flags: written.pattern.flags,
    entropy: written.entropy ?? 0,
    ...(written.accepts === undefined ? {} : { accepts: written.accepts }),
  }));
}
