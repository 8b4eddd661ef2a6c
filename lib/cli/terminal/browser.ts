import { spawn } from 'node:child_process';

/**
 * Opens a file of ours in the browser git would: agentLog.browser, web.browser, or what the system has. All of these are the
 * user's own settings; nothing a repository brings along is asked. False where there is none, or it failed.
 */
export function openInBrowser(cwd: string, path: string): Promise<boolean> {
  const child = spawn('git', ['web--browse', '--config=agentlog.browser', path], { cwd, stdio: 'inherit' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    // A browser may stay: it is git's helper that is waited for.
    child.once('exit', (code) => resolve(code === 0));
  });
}
