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
  'node:v8',
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

const VALIDATOR = /\/([a-z]+)-v1\.validate\.js$/;
/** On nearly every note, and on the next most. */
const COMMON = ['execution', 'binding', 'landing', 'supplement'];
/** What a commit that waits writes, and reads of the one before. */
const SEALED = ['execution'];
const VALIDATORS = '\0validators';

/** Validators of what is on few notes, from a file of their own that is read where such a line is. */
const validatorsApart = (file, common = COMMON) => ({
  name: 'validators-apart',
  resolveId: (id) => {
    if (id === `./${file}`) return { id, external: true };
    const [, type = 'execution'] = VALIDATOR.exec(id) ?? [];
    return common.includes(type) ? null : `\0validator:${type}`;
  },
  load: (id) => {
    const [, type] = /^\0validator:(.*)$/.exec(id) ?? [];
    return type === undefined ? null : validatorStandIn(file, type);
  },
});

function validatorStandIn(file, type) {
  return `let real = null;
export function validate(value) {
  real ??= require('./${file}').${type};
  const isValid = real(value);
  validate.errors = real.errors;
  return isValid;
}`;
}

/** All those validators. */
const allRareValidators = {
  name: 'all-rare-validators',
  resolveId: (id) => (id === VALIDATORS ? id : null),
  load: (id) => (id === VALIDATORS ? validatorExports() : null),
};

function validatorExports() {
  const types = readdirSync(`${dist}core/generated`).flatMap((name) => VALIDATOR.exec(`/${name}`)?.[1] ?? []);
  const rare = types.filter((type) => !SEALED.includes(type));
  return rare
    .map((type) => `export { validate as ${type} } from '${dist}core/generated/${type}-v1.validate.js';`)
    .join('\n');
}

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
const PLAIN = ['start', '../policy/worker', '../ledger/index/worker', ISOMORPHIC_GIT];

/** Files of a bundle that is split, in the order they come to be wanted. */
const PARTS = ['first', 'rare', 'rarest'];

/** Only where somebody looks on: a terminal's colours, as soon as they are read, load what knows terminals. */
const FOR_TERMINALS = /\/node_modules\/chalk\/|\/cli\/terminal\/(?:pager|browser)\.js$/;

/** Folders of the packages that code in the bundles comes from. */
const packages = new Set();

rmSync(bundles, { recursive: true, force: true });
const [main] = await bundled('main', 'main-[hash].cjs');
const [validators] = await bundled(VALIDATORS, 'validators-[hash].cjs', [allRareValidators]);
const [seal] = await bundled('seal', 'seal-[hash].cjs', [filesAtOnce, validatorsApart(validators, SEALED)]);
const [hook] = await bundled('hook', 'hook-[hash].cjs', [filesAtOnce, validatorsApart(validators)]);
const [show] = await bundled('show', 'show-[hash].cjs', [filesAtOnce, validatorsApart(validators)], {
  isSplit: true,
});
const [plan] = await bundled('plan', 'plan-[hash].cjs', [filesAtOnce, validatorsApart(validators)]);
await bundled('start', 'start.cjs');
// What threads run is loaded by Node itself.
await bundled('../policy/worker', 'policy-thread.cjs');
await bundled('../ledger/index/worker', 'index-thread.cjs');
await bundled(ISOMORPHIC_GIT, 'isomorphic-git.cjs');
// A name made of the content: code compiled from one bundle is never taken for that of another.
writeFileSync(
  `${bundles}package.json`,
  `${JSON.stringify({ type: 'commonjs', main, seal, hook, show, plan })}\n`,
);
writeFileSync(`${bundles}LICENSES`, [...licences([...packages]), rulesLicence()].join('\n----\n\n'));

/** A bundle other than start.cjs is one expression, a function: start.cjs would have to copy all of it to make it one. */
async function bundled(entry, fileName, standIns = [], { isSplit = false } = {}) {
  const input = [VALIDATORS, ISOMORPHIC_GIT].includes(entry) ? entry : `${dist}cli/${entry}.js`;
  const needed = new Map();
  const bundle = await rolldown({
    input,
    platform: 'node',
    plugins: [...standIns, packsApart, loadedWhenUsed, nothingOnDemand, listImported(input, needed)],
    preserveEntrySignatures: 'allow-extension',
    // Its wrappers would make V8 compile every module as soon as the file is read.
    optimization: { pifeForModuleWrappers: false },
  });
  const { output } = await bundle.write({
    dir: bundles,
    format: 'cjs',
    entryFileNames: fileName,
    codeSplitting: isSplit && inParts(needed),
    chunkFileNames: `${entry}-[name]-[hash].cjs`,
    minify: true,
    // One byte a letter is read faster.
    charset: 'ascii',
  });
  for (const { moduleIds = [] } of output) for (const id of moduleIds) packages.add(packageFolder(id));
  packages.delete(null);
  const names = output.map((chunk) => chunk.fileName).sort((a, b) => a.length - b.length);
  if (!PLAIN.includes(entry)) for (const name of names) makeFunction(`${bundles}${name}`);
  return names;
}

/**
 * What is loaded at once, in a second file what that loads only where somebody asks for it, and in a third what the second does;
 * what is for terminals by itself.
 */
function inParts(needed) {
  const part = (id) => (id.startsWith('\0') ? 0 : (needed.get(id) ?? PARTS.length - 1));
  const nameOf = (id) => (part(id) > 0 && FOR_TERMINALS.test(id) ? 'terminal' : PARTS[part(id)]);
  const [first, ...later] = PARTS;
  return {
    groups: [first, 'terminal', ...later].map((name) => ({ name, test: (id) => nameOf(id) === name })),
  };
}

/** Notes of each module how many times something is imported on demand until it is loaded. */
function listImported(entry, needed) {
  return {
    name: 'list-imported',
    buildEnd() {
      const add = (id, part) => {
        if (needed.has(id)) return;
        needed.set(id, part);
        for (const imported of this.getModuleInfo(id)?.importedIds ?? []) add(imported, part);
      };
      add(entry, 0);
      for (let part = 1; part < PARTS.length; part++) {
        const before = [...needed.keys()];
        for (const id of before)
          for (const imported of this.getModuleInfo(id)?.dynamicallyImportedIds ?? []) add(imported, part);
      }
    },
  };
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
