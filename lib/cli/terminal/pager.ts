import { spawn } from 'node:child_process';
import { gitText } from '../../git/process/runner.ts';

/** Shows a text in the pager git would use. It is the user's own setting, and a shell command by git's definition. */
export async function page(cwd: string, text: string): Promise<void> {
  const pager = await gitText({ cwd }, 'var', 'GIT_PAGER');
  if (pager === 'cat' || pager === '') {
    process.stdout.write(text);
    return;
  }
  const env = { ...process.env, LESS: process.env['LESS'] ?? 'FRX', LV: process.env['LV'] ?? '-c' };
  const child = spawn('/bin/sh', ['-c', pager], { env, stdio: ['pipe', 'inherit', 'inherit'] });
  // A reader who leaves early closes the pipe: that is no failure.
  child.stdin.on('error', () => undefined);
  child.stdin.end(text);
  await new Promise<void>((resolve) => {
    child.once('error', () => {
      process.stdout.write(text);
      resolve();
    });
    child.once('close', () => resolve());
  });
}
