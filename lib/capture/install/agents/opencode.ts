import { join } from 'node:path';
import { AgentLogError } from '../../../core/errors.ts';
import type { Finding } from '../../doctor/finding.ts';
import type { AgentHooks, HookPlace } from './hooks.ts';
import { isCurrentPlugin, isOurPlugin, opencodePlugin } from './opencode-plugin.ts';

/** opencode's plugin: a file of ours in its plugin folder, since it has no configuration for hooks. */
export const opencodeHooks: AgentHooks = {
  agent: 'opencode',
  files: (place) => [
    {
      path: pluginPath(place),
      withHooks: withPlugin,
      withoutHooks: (text) => (isOurPlugin(text) ? null : text),
      missing: missingInPlugin,
    },
  ],
  examine: (place) => Promise.resolve(examine(place)),
};

/** A folder of the home is opencode's own; one in the worktree is read by whoever works there. */
function pluginPath({ scope, top, home, env }: HookPlace): string {
  const config = env['XDG_CONFIG_HOME'] || join(home, '.config');
  const folder = scope === 'user' ? join(config, 'opencode') : join(top, '.opencode');
  return join(folder, 'plugin', 'git-agent-log.js');
}

function withPlugin(text: string | null, spool: string | null): string {
  if (text === null || isOurPlugin(text)) return opencodePlugin(spool);
  throw new AgentLogError(
    'BAD_ARGUMENT',
    'answer',
    'opencode has a plugin git-agent-log.js that is not ours',
    {
      hints: ['Give that file another name, then run this again.'],
    },
  );
}

function missingInPlugin(text: string | null): string[] {
  if (text === null) return ['any event'];
  return isCurrentPlugin(text) ? [] : ['what this version records'];
}

/** What makes opencode leave plugins out, as far as the environment tells. */
function examine({ scope, env }: HookPlace): Finding[] {
  const off = ['OPENCODE_PURE', ...(scope === 'user' ? [] : ['OPENCODE_DISABLE_PROJECT_CONFIG'])];
  const set = off.filter((name) => env[name] === '1' || env[name]?.toLowerCase() === 'true');
  return set.map((name) => ({
    check: 'opencode',
    state: 'warn',
    says: `${name} is set: opencode loads no plugin ${name === 'OPENCODE_PURE' ? 'at all' : 'of a repository'}, so ours does not run`,
    hint: `Unset ${name}.`,
  }));
}
