import { readdir } from 'node:fs/promises';
import { expectCleanPrototype, fixtureFiles, texts } from './tools.mjs';

/** For those that read a part of a file. */
const SEEDS = { ranges: texts('1,4-9,12', '3', '1-1,2-4294967296') };

const folder = new URL('../../../dist/capture/imports/', import.meta.url);

/** One for each function `parse…` of a file in lib/capture/imports, so that a new importer is fuzzed without a line here. */
export async function importTargets() {
  const files = (await readdir(folder).catch(() => [])).filter((name) => /^[\w-]+\.js$/.test(name));
  const found = await Promise.all(files.map(parsersOf));
  return found.flat();
}

async function parsersOf(file) {
  const exported = await import(new URL(file, folder).href);
  const stem = file.replace(/\.js$/, '');
  return Object.entries(exported)
    .filter(([name, value]) => /^parse[A-Z]/.test(name) && typeof value === 'function')
    .map(([name, parse]) => ({
      name: `import:${stem}:${name}`,
      seeds: async () => [
        ...(await fixtureFiles('imports', new RegExp(`^${stem}\\b`))),
        ...(SEEDS[stem] ?? []),
      ],
      run(bytes) {
        for (const input of shapesOf(name, bytes)) {
          parse(...input);
          expectCleanPrototype();
        }
      },
    }));
}

/** Text and bytes for most; a checkpoint of Entire is a folder of files. */
function shapesOf(name, bytes) {
  const text = bytes.toString('utf8');
  if (name === 'parseEntire') {
    const files = new Map([
      ['metadata.json', bytes],
      ['prompt.txt', text.slice(0, 2000)],
    ]);
    const sizes = new Map([...files].map(([file, content]) => [file, content.length]));
    return [[{ files, sizes }]];
  }
  if (name === 'parseRanges') return [[text, 1000]];
  return [[bytes], [text]];
}
