// Puts the program, as compiled, with what it depends on into one CommonJS file, and what hooks run of it into another:
// Node's module loader takes a commit's hook longer than Node's own start. The library stays as it is, file by file,
// with its dependencies outside.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const require = createRequire(import.meta.url);
const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const FILES_AT_ONCE = fileURLToPath(new URL('./fs-at-once.mjs', import.meta.url));
const bundles = `${dist}bundle/`;
const ISOMORPHIC_GIT = 'isomorphic-git';

/** Loading these takes a millisecond and more each: so only whoever uses something of theirs waits for it. */
const SLOW_BUILTINS = [
  'node:child_process',
  'node:crypto',
  'node:fs/promises',
  'node:os',
  'node:timers/promises',
  'node:tty',
  'node:zlib',
];

const loadedWhenUsed = {
  name: 'builtins-loaded-when-used',
  resolveId: (id, importer) =>
    SLOW_BUILTINS.includes(id) && !importer?.startsWith('\0') ? `\0when-used:${id}` : null,
  load: (id) => (id.startsWith('\0when-used:') ? standIn(id.slice('\0when-used:'.length)) : null),
};

/** A module with the functions of a builtin, each of which loads it when called. */
function standIn(name) {
  const builtin = require(name);
  const lines = Object.keys(builtin).map((key) => {
    if (typeof builtin[key] === 'function' && /^[a-z]/.test(key))
      return `export const ${key} = (...args) => require('${name}').${key}(...args);`;
    return key === 'constants' ? `export const constants = ${JSON.stringify(builtin[key])};` : '';
  });
  return `${lines.join('\n')}\nexport default new Proxy({}, { get: (_, key) => require('${name}')[key] });\n`;
}

/** Files are read and written at once where nothing else waits meanwhile. */
const filesAtOnce = {
  name: 'files-at-once',
  resolveId: (id) => (id === 'node:fs/promises' ? FILES_AT_ONCE : null),
};

/** What a dependency would load while it runs is for cases we never ask of it (secretlint reading a key file). */
const nothingOnDemand = {
  name: 'nothing-on-demand',
  resolveDynamicImport: (id, importer) =>
    importer?.includes('/node_modules/') && !builtinModules.includes(id.replace('node:', ''))
      ? '\0nothing'
      : null,
  load: (id) => (id === '\0nothing' ? 'export default null;' : null),
};

/** What reads packs where there is no git is half as large as all the rest: a file of its own, for who asks for it. */
const packsApart = {
  name: 'packs-apart',
  resolveDynamicImport: (id) => (id === 'isomorphic-git' ? '\0isomorphic-git' : null),
  load: (id) =>
    id === '\0isomorphic-git'
      ? "const { createRequire } = process.getBuiltinModule('node:module'); export default createRequire(__filename)('./isomorphic-git.cjs');"
      : null,
};

/** Bundles that Node loads as modules. */
const PLAIN = ['start', '../policy/worker', ISOMORPHIC_GIT];

/** Folders of the packages that code in the bundles comes from. */
const packages = new Set();

rmSync(bundles, { recursive: true, force: true });
const [main] = await bundled('main', 'main-[hash].cjs');
const [seal] = await bundled('seal', 'seal-[hash].cjs', [filesAtOnce]);
const [hook] = await bundled('hook', 'hook-[hash].cjs', [filesAtOnce]);
const [show] = await bundled('show', 'show-[hash].cjs', [filesAtOnce]);
await bundled('start', 'start.cjs');
// What a thread runs is loaded by Node itself.
await bundled('../policy/worker', 'policy-thread.cjs');
await bundled(ISOMORPHIC_GIT, 'isomorphic-git.cjs');
// A name made of the content: code compiled from one bundle is never taken for that of another.
writeFileSync(`${bundles}package.json`, `${JSON.stringify({ type: 'commonjs', main, seal, hook, show })}\n`);
writeFileSync(`${bundles}LICENSES`, [...licences([...packages]), rulesLicence()].join('\n----\n\n'));

/** A bundle other than start.cjs is one expression, a function: start.cjs would have to copy all of it to make it one. */
async function bundled(entry, fileName, standIns = []) {
  const bundle = await rolldown({
    input: entry === ISOMORPHIC_GIT ? entry : `${dist}cli/${entry}.js`,
    platform: 'node',
    plugins: [...standIns, packsApart, loadedWhenUsed, nothingOnDemand],
    // Its wrappers would make V8 compile every module as soon as the file is read.
    optimization: { pifeForModuleWrappers: false },
  });
  const { output } = await bundle.write({
    dir: bundles,
    format: 'cjs',
    entryFileNames: fileName,
    codeSplitting: false,
    minify: true,
    // One byte a letter is read faster.
    charset: 'ascii',
  });
  for (const { moduleIds = [] } of output) for (const id of moduleIds) packages.add(packageFolder(id));
  packages.delete(null);
  const names = output.map((chunk) => chunk.fileName);
  if (!PLAIN.includes(entry)) for (const name of names) makeFunction(`${bundles}${name}`);
  return names;
}

function makeFunction(path) {
  const source = readFileSync(path, 'utf8');
  writeFileSync(path, `(function (exports, require, module, __filename, __dirname) {${source}\n})`);
}

function packageFolder(id) {
  const [folder = null] = /^[^\0]*\/node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(id) ?? [];
  return folder;
}

/** Their licences ask to be where their code is. */
function licences(folders) {
  const parts = folders.map((folder) => {
    const { name, version, license, author } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    if (file === undefined && typeof license !== 'string') throw new Error(`${name} has no licence`);
    // Some say only by its name which one it is.
    const text =
      file === undefined ? `${license}, by ${author?.name ?? author}` : readFileSync(folder + file, 'utf8');
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return parts.sort((a, b) => (a < b ? -1 : 1));
}

/** The rules made of gitleaks' are in the bundles too. */
function rulesLicence() {
  const text = readFileSync(new URL('core/secrets/gitleaks.LICENSE', import.meta.url), 'utf8');
  return `gitleaks (its rules)\n\n${text.trim()}\n`;
}
