import { join } from 'node:path';
import { AgentLogError } from '../../../core/errors.ts';
import { SCRIPT_MARK } from '../scripts/names.ts';
import { spoolCommand } from '../scripts/spool.ts';
import type { AgentHooks, HookScope } from './hooks.ts';

/** Amp has no hooks in its settings, but plugins: a file of ours that hands its events on. */
export const ampHooks: AgentHooks = {
  agent: 'amp',
  files: ({ scope, top, home, env }) => [
    {
      path:
        scope === 'user'
          ? join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'amp', 'plugins', NAME)
          : join(top, '.amp', 'plugins', NAME),
      withHooks: (text, spool) => {
        if (text !== null && text.trim() !== '' && !isOurs(text)) throw notOurs();
        return ampPlugin(spool, scope);
      },
      withoutHooks: (text) => (isOurs(text) ? null : text),
      missing: (text) => (text !== null && isOurs(text) ? [] : ['any event']),
    },
  ],
};

const NAME = 'git-agent-log.ts';
const MARK = SCRIPT_MARK.replace('#', '//');

/**
 * The plugin. It waits for the spool script, so that a look at the worktree is over before the tool runs, answers every
 * call as if it were not there, and lets nothing that fails reach the agent.
 */
export function ampPlugin(spool: string | null, scope: HookScope): string {
  return `// @i-know-the-amp-plugin-api-is-wip-and-very-experimental-right-now
${MARK} plugin: put here by \`git agent-log init\`, taken away by \`git agent-log uninit\`.
import { spawn } from 'node:child_process';

const COMMAND = ${JSON.stringify(spoolCommand('amp', spool, scope))};
const SHELLS = new Set(['Bash', 'shell_command']);

function tell(name, event, mode) {
  return new Promise((resolve) => {
    try {
      const { thread, ...fields } = event ?? {};
      const body = JSON.stringify({ amp_event: name, thread_id: thread?.id, cwd: process.cwd(), ...fields });
      const child = spawn('sh', ['-c', COMMAND + mode], { stdio: ['pipe', 'ignore', 'ignore'] });
      const timer = setTimeout(resolve, 5000);
      child.once('error', resolve);
      child.once('close', () => { clearTimeout(timer); resolve(); });
      child.stdin.on('error', () => {});
      child.stdin.end(body);
    } catch {
      resolve();
    }
  });
}

const modeFor = (event) => (SHELLS.has(event?.tool) ? ' look' : '');

export default function (amp) {
  amp.on('session.start', async (event) => { await tell('session.start', event, ' look'); });
  amp.on('agent.start', async (event) => { await tell('agent.start', event, ' look'); });
  amp.on('tool.call', async (event) => { await tell('tool.call', event, modeFor(event)); return { action: 'allow' }; });
  amp.on('tool.result', async (event) => { await tell('tool.result', event, modeFor(event)); });
  amp.on('agent.end', async (event) => { await tell('agent.end', event, ' stop'); });
}
`;
}

function isOurs(text: string): boolean {
  return text.includes(`\n${MARK} `);
}

function notOurs(): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'answer', `a plugin called ${NAME} is there that is not ours`, {
    hints: ['Move it away, or leave amp out of --agents.'],
  });
}
