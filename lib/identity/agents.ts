/**
 * Addresses agents and bots commit under (the numeric prefix is the stable part of a GitHub noreply address). Whoever
 * uses one is no human, so none of them can be a sponsor.
 */
const AGENT_ADDRESSES: readonly RegExp[] = [
  /^(\d+\+)?[^@]*\[bot\]@/i,
  /^(198982749|223556219|175728472|223894421|167198135|209825114|215619710|208546643)\+/,
  /^no-?reply@(anthropic\.com|openai\.com|aider\.(chat|dev)|opencode\.ai|cline\.bot|codeium\.com|pi\.dev|amazon\.com)$/i,
  /^(codex@openai\.com|cursoragent@cursor\.com|amp@ampcode\.com|aider@aider\.chat|gemini-cli-agent@google\.com|copilot@github\.com|opensource@block\.xyz)$/i,
];

export function isAgentAddress(email: string): boolean {
  return AGENT_ADDRESSES.some((pattern) => pattern.test(email));
}
