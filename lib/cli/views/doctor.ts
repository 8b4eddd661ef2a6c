import type { Finding } from '../../capture/doctor/finding.ts';
import { escapeTerminal } from '../../core/escape.ts';
import type { Paint } from '../terminal/io.ts';

export function renderFindings(findings: readonly Finding[], paint: Paint): string {
  const marks = { ok: paint.good('ok  '), warn: paint.warn('look'), bad: paint.bad('bad ') };
  return findings
    .map(({ check, state, says, hint }) => {
      const text = escapeTerminal(says, true).replaceAll('\n', `\n${' '.repeat(24)}`);
      const more =
        hint === undefined ? '' : `${' '.repeat(24)}${paint.faint(`hint: ${escapeTerminal(hint)}`)}\n`;
      return `${marks[state]}  ${check.padEnd(16)}  ${text}\n${more}`;
    })
    .join('');
}
