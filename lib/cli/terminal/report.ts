import { AgentLogError, exitCodeOf, messageOf } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';

export interface ErrorReport {
  readonly text: string;
  readonly exitCode: number;
}

/** What a person reads when something went wrong: what, why, and what to do next. */
export function reportError(error: unknown, debug: boolean): ErrorReport {
  const lines = [...told('error', error), ...causes(error)];
  const hints =
    error instanceof AgentLogError
      ? error.hints
      : ['This is a mistake of git-agent-log. Run it again with --debug and report what it prints.'];
  lines.push(...hints.map((hint) => `hint: ${escapeTerminal(hint)}`));
  if (debug && error instanceof Error && error.stack) lines.push(escapeTerminal(error.stack, true));
  return { text: `${lines.join('\n')}\n`, exitCode: exitCodeOf(error) };
}

/** Mistakes are indented, so that none of them looks like a line of ours. */
function told(word: string, error: unknown): string[] {
  const { summary, mistakes } =
    error instanceof AgentLogError ? error : { summary: messageOf(error), mistakes: [] };
  return [
    `${word}: ${escapeTerminal(summary)}`,
    ...mistakes.map((mistake) => `  ${escapeTerminal(mistake)}`),
  ];
}

function causes(error: unknown): string[] {
  const lines: string[] = [];
  let cause = error instanceof Error ? error.cause : undefined;
  for (let depth = 0; cause !== undefined && depth < 5; depth++) {
    lines.push(...told('because', cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}
