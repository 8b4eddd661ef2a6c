/**
 * Addresses by agent. GitHub's noreply addresses are matched by their number, which stays when a name changes; an
 * address that carries another number is another account with a similar name.
 */
const ADDRESSES: readonly (readonly [string, RegExp])[] = [
  ['claude-code', /^noreply@anthropic\.com$/i],
  ['claude-code', githubIds(209825114, 215619710, 208546643)],
  ['copilot', githubIds(198982749, 223556219, 175728472, 223894421, 167198135)],
  ['copilot', /^copilot@github\.com$/i],
  ['codex', /^(noreply|codex)@openai\.com$/i],
  ['codex', githubIds(199175422, 215057067)],
  ['cursor', /^cursoragent@cursor\.com$/i],
  ['cursor', githubIds(206951365)],
  ['devin', githubIds(158243242)],
  ['amp', /^amp@ampcode\.com$/i],
  ['jules', githubIds(161369871)],
  ['gemini', githubIds(176961590)],
  ['gemini', /^gemini-cli-agent@google\.com$/i],
  ['amazon-q', githubIds(208079219)],
  ['amazon-q', /^no-?reply@amazon\.com$/i],
  ['aider', /^(aider@aider\.chat|noreply@aider\.(chat|dev))$/i],
  ['opencode', /^noreply@opencode\.ai$/i],
  ['cline', /^noreply@cline\.bot$/i],
  ['cline', githubIds(205137888)],
  ['windsurf', /^noreply@codeium\.com$/i],
  ['pi', /^noreply@pi\.dev$/i],
  ['goose', /^opensource@block\.xyz$/i],
  ['continue', githubIds(230936708)],
  ['cody', githubIds(201248094)],
  ['jetbrains-ai', githubIds(220155983)],
];

/** Bots that only review or only bump: no coding agent, and no person either. */
const BOT = /^(\d+\+)?[^@]*\[bot\]@|^136622811\+/i;

/** The agent that commits under an address; null when it is nobody's we know. */
export function agentOfAddress(email: string): string | null {
  return ADDRESSES.find(([, pattern]) => pattern.test(email))?.[0] ?? null;
}

/** True for a bot account, of an agent or not. */
export function isBotAddress(email: string): boolean {
  return BOT.test(email);
}

/** True for an address no human commits under: whoever uses it can't be a sponsor. */
export function isAgentAddress(email: string): boolean {
  return agentOfAddress(email) !== null || isBotAddress(email);
}

function githubIds(...ids: readonly number[]): RegExp {
  return new RegExp(`^(${ids.join('|')})\\+[^@]*@users\\.noreply\\.github\\.com$`, 'i');
}
