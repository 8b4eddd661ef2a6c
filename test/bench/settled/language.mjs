// A small language whose build fails as a real one's does: when something is used that is not defined or not imported, is
// defined or imported twice, when the braces do not match, or when what it depends on is not declared.
import { lockErrors } from './dependencies.mjs';

/** What one file defines, imports, calls and needs, each with its line; `errors` are what is wrong with it by itself. */
export function readModule(text) {
  const module = { defines: new Set(), imports: new Map(), calls: new Map(), needs: new Map(), errors: [] };
  let open = null;
  for (const [i, raw] of text.split('\n').entries()) {
    const [at, line] = [i + 1, raw.trim()];
    const wrong = (what) => module.errors.push(`${at}: ${what}`);
    const [, from, imported] = /^use (\S+)::(\w+)$/.exec(line) ?? [];
    const defined = /^fn (\w+)\(/.exec(line)?.[1];
    const needed = /^extern (\w+)$/.exec(line)?.[1];
    if (imported !== undefined) {
      if (module.imports.has(imported)) wrong(`imported twice: ${imported}`);
      module.imports.set(imported, { from, at });
    } else if (needed !== undefined) {
      if (module.needs.has(needed)) wrong(`needed twice: ${needed}`);
      module.needs.set(needed, at);
    } else if (defined !== undefined) {
      if (open !== null) wrong(`fn within fn: ${defined}`);
      if (module.defines.has(defined)) wrong(`defined twice: ${defined}`);
      module.defines.add(defined);
      open = defined;
    } else if (line === '}') {
      if (open === null) wrong('a brace too many');
      open = null;
    } else if (line !== '' && !line.startsWith('#')) {
      if (open === null) wrong(`outside of a function: ${line}`);
      for (const [, called] of line.matchAll(/\b(f_\w+)\(/g))
        if (!module.calls.has(called)) module.calls.set(called, at);
    }
  }
  if (open !== null) module.errors.push(`${text.split('\n').length}: no end: ${open}`);
  return module;
}

/** What is wrong with a whole program, as a compiler would print it: a map from paths to modules, and the two other texts. */
export function buildErrors(modules, manifest, lock) {
  const errors = lockErrors(manifest, lock);
  const declared = new Set([...manifest.matchAll(/^(lib\d+) = /gm)].map(([, name]) => name));
  for (const [path, module] of modules) {
    errors.push(...module.errors.map((error) => `${path}:${error}`));
    for (const [name, { from, at }] of module.imports)
      if (modules.get(from)?.defines.has(name) !== true) errors.push(`${path}:${at}: no ${name} in ${from}`);
    for (const [name, at] of module.calls)
      if (!module.defines.has(name) && !module.imports.has(name)) errors.push(`${path}:${at}: no ${name}`);
    for (const [name, at] of module.needs)
      if (!declared.has(name)) errors.push(`${path}:${at}: no ${name} in Cargo.toml`);
  }
  return errors;
}
