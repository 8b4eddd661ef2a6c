// Runs git fast-import on a prepared stream, in a process of its own, as append.mjs does: `import.mjs REPO STREAM`.
// Prints the milliseconds it took.
import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';

const [dir, stream] = process.argv.slice(2);
const stdin = openSync(stream, 'r');
const begin = performance.now();
const { status } = spawnSync('git', ['fast-import', '--quiet', '--done', '--date-format=raw-permissive'], {
  cwd: dir,
  stdio: [stdin, 'ignore', 'inherit'],
});
const ms = performance.now() - begin;
if (status !== 0) throw new Error(`git fast-import exited with ${status}`);
process.stdout.write(String(ms));
