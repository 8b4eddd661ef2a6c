/** Addresses by agent. */
const ADDRESSES: Readonly<Record<string, string>> = {
  'noreply@anthropic.com': 'claude-code',
  'copilot@github.com': 'copilot',
  'noreply@openai.com': 'codex',
  'codex@openai.com': 'codex',
  'cursoragent@cursor.com': 'cursor',
  'amp@ampcode.com': 'amp',
  'gemini-cli-agent@google.com': 'gemini',
  'noreply@amazon.com': 'amazon-q',
  'no-reply@amazon.com': 'amazon-q',
  'aider@aider.chat': 'aider',
  'noreply@aider.chat': 'aider',
  'noreply@aider.dev': 'aider',
  'noreply@opencode.ai': 'opencode',
  'noreply@cline.bot': 'cline',
  'noreply@codeium.com': 'windsurf',
  'noreply@pi.dev': 'pi',
  'opensource@block.xyz': 'goose',
};

/**
 * Agents by the number of their account in GitHub's noreply addresses, which stays when a name changes; an address that
 * carries another number is another account with a similar name.
 */
const GITHUB_IDS: Readonly<Record<string, string>> = {
  209825114: 'claude-code',
  215619710: 'claude-code',
  208546643: 'claude-code',
  198982749: 'copilot',
  223556219: 'copilot',
  175728472: 'copilot',
  223894421: 'copilot',
  167198135: 'copilot',
  199175422: 'codex',
  215057067: 'codex',
  206951365: 'cursor',
  158243242: 'devin',
  161369871: 'jules',
  176961590: 'gemini',
  208079219: 'amazon-q',
  205137888: 'cline',
  230936708: 'continue',
  201248094: 'cody',
  220155983: 'jetbrains-ai',
};

const GITHUB = '@users.noreply.github.com';

/** A bot that only reviews: no coding agent, and no person either. */
const REVIEWER = '136622811+';

/** The agent that commits under an address; null when it is nobody's we know. Without patterns: compiling one for each takes a hook 6 ms. */
export function agentOfAddress(email: string): string | null {
  const address = email.toLowerCase();
  if (!address.endsWith(GITHUB)) return ownValue(ADDRESSES, address);
  const account = address.slice(0, -GITHUB.length);
  const plus = account.indexOf('+');
  return plus < 0 || account.includes('@') ? null : ownValue(GITHUB_IDS, account.slice(0, plus));
}

/** True for a bot account, of an agent or not. */
export function isBotAddress(email: string): boolean {
  const [account = '', host] = email.split('@', 2);
  return (host !== undefined && account.toLowerCase().endsWith('[bot]')) || email.startsWith(REVIEWER);
}

/** True for an address no human commits under: whoever uses it can't be a sponsor. */
export function isAgentAddress(email: string): boolean {
  return agentOfAddress(email) !== null || isBotAddress(email);
}

function ownValue(table: Readonly<Record<string, string>>, key: string): string | null {
  return Object.hasOwn(table, key) ? (table[key] ?? null) : null;
}
