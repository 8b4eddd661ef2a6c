import { type GitPlace, runGit } from '../../git/process/runner.ts';

/**
 * The message of a ledger commit as this clone wants it: `agentLog.ledgerMessage` holds what a server asks of every commit
 * (a ticket, say), with `%s` where ours goes.
 */
export async function ledgerMessage(place: GitPlace, message: string): Promise<string> {
  const args = ['config', '--get', 'agentLog.ledgerMessage'];
  const { code, stdout } = await runGit(place, { args, okCodes: [1] });
  return code === 0 ? fillMessage(stdout.toString('utf8').replace(/\n$/, ''), message) : message;
}

/** `%s` becomes our first line, and what follows it stays below; without `%s` the template comes before ours. */
export function fillMessage(template: string, message: string): string {
  if (template.trim() === '') return message;
  const end = message.indexOf('\n');
  const [subject, body] = end < 0 ? [message, ''] : [message.slice(0, end), message.slice(end)];
  const first = template.includes('%s') ? template.replaceAll('%s', () => subject) : `${template} ${subject}`;
  return first + body;
}
