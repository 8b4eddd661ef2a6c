import { relative } from 'node:path';
import type { Done } from '../../capture/install/apply.ts';
import { escapeTerminal } from '../../core/escape.ts';
import type { Paint } from '../io.ts';

export interface InstallView {
  readonly done: readonly Done[];
  readonly mode: 'direct' | 'forward';
  readonly agents: readonly string[];
  readonly userHooks: string | null;
  /** What is left to do, agent by agent. */
  readonly afterwards: readonly string[];
  /** Where the reader stands: paths below it are shown from there. */
  readonly cwd: string;
}

export function renderInstall(view: InstallView, paint: Paint): string {
  const lines =
    view.done.length === 0
      ? 'Nothing to change: everything is in place.\n'
      : renderDone(view.done, view.cwd, paint);
  const chained =
    view.mode === 'forward' && view.userHooks !== null
      ? `Your own hooks in ${escapeTerminal(view.userHooks)} run first, unchanged.\n`
      : '';
  const agents = view.agents.length === 0 ? 'no agent (use git agent-log run)' : view.agents.join(', ');
  const afterwards = view.afterwards.map((what) => `${paint.warn('To do')}: ${what}\n`).join('');
  return `${lines}${chained}
Recording: ${paint.strong(agents)}. Commits of people stay as they are.
${afterwards}Next: let your agent commit, then ${paint.name('git agent-log show')}. ${paint.name('git agent-log uninit')} takes it all back.
`;
}

/** One line per file, with the keys or hooks concerned below it when there are several. */
export function renderDone(done: readonly Done[], cwd: string, paint: Paint): string {
  return done
    .map(({ path, did, what }) => {
      const plain = what.length === 1 && path.endsWith(what[0] ?? '');
      const details = plain
        ? ''
        : what.map((word) => `\n           ${paint.faint(escapeTerminal(word))}`).join('');
      return `${did.padEnd(9)}  ${escapeTerminal(near(path, cwd))}${details}\n`;
    })
    .join('');
}

function near(path: string, cwd: string): string {
  const below = relative(cwd, path);
  return below.startsWith('..') ? path : below;
}
