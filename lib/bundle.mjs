// Puts our own modules, as compiled, into a few files for the program to start from: loading some seventy of them one
// by one takes a commit's hook longer than starting Node. Dependencies stay outside, and dist/ stays file by file.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
rmSync(`${dist}bundle`, { recursive: true, force: true });

const bundle = await rolldown({
  input: `${dist}cli/main.js`,
  platform: 'node',
  external: (id) => !id.startsWith('.') && !id.startsWith('/'),
});
await bundle.write({
  dir: `${dist}bundle`,
  format: 'esm',
  entryFileNames: 'main.js',
  chunkFileNames: '[name].js',
  minify: true,
});
