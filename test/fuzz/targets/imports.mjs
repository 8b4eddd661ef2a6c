import { readdir } from 'node:fs/promises';
import { expectCleanPrototype, fixtureFiles } from './tools.mjs';

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
      seeds: () => fixtureFiles('imports', new RegExp(`^${stem}\\b`)),
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
    const [metadata = '', prompt = '', more = ''] = text.split('\n\n');
    const files = new Map(
      Object.entries({
        'metadata.json': Buffer.from(metadata),
        'prompt.txt': Buffer.from(prompt),
        'more.txt': Buffer.from(more),
      }),
    );
    return [[{ id: 'a1b2c3d4e5f6', checkpoint: 'a1b2c3d4e5f6', files, sessions: [files] }]];
  }
  if (name === 'parseRanges') return [[text, 1000]];
  return [[bytes], [text]];
}
