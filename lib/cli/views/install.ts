import { relative } from 'node:path';
import type { Done } from '../../capture/install/apply.ts';
import { escapeTerminal } from '../../core/escape.ts';
import type { Team } from '../../identity/recipients/team.ts';
import { wrapWords } from '../terminal/hint-lines.ts';
import type { Paint } from '../terminal/io.ts';

export interface InstallView {
  readonly done: readonly Done[];
  readonly mode: 'direct' | 'forward';
  readonly agents: readonly string[];
  readonly userHooks: string | null;
  /** What is left to do, agent by agent. */
  readonly afterwards: readonly string[];
  readonly team: Team;
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
  const afterwards = view.afterwards.map((what) => toDo(what, paint)).join('');
  return `${lines}${chained}
Recording: ${paint.strong(agents)}. Commits of people stay as they are.
${teamText(view.team, paint)}${afterwards}Next: let your agent commit, then ${paint.name('git agent-log show')}.
To take it all back: ${paint.name('git agent-log uninit')}.
`;
}

const WIDTH = 80;

/** Something that is left to do, under its own beginning. */
function toDo(what: string, paint: Paint): string {
  const [first = '', ...more] = wrapWords(what, WIDTH - 2, WIDTH - 'To do: '.length);
  return `${paint.warn('To do')}: ${[first, ...more.map((line) => `  ${line}`)].join('\n')}\n`;
}

/** Who will be able to read what agents are asked. */
function teamText({ how, recipients, path }: Team, paint: Paint): string {
  const names = recipients.map((one) => escapeTerminal(one)).join(', ');
  const file = paint.name(escapeTerminal(path ?? ''));
  switch (how) {
    case 'made':
      return `Tasks and prompts are stored encrypted for
  ${names}
Its private key is in
  ${file}
Keep a copy of that file: without it nobody can read them. Hand it, in person or
through your team's password store, to whoever may: they put it into
~/.config/git-agent-log/identities/.\n`;
    case 'found':
      return `Tasks and prompts are stored encrypted for\n  ${names}\nto which you have the key.\n`;
    case 'others':
      return `${toDo(`texts here are encrypted for ${names}, and nobody is set to encrypt yours for. If that is your team's key:`, paint)}  git config --add agentLog.recipient ${escapeTerminal(recipients[0] ?? '')}\n`;
    case 'kept':
    case 'none':
      return '';
  }
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
