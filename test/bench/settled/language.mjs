// A small language whose build fails as a real one's does: when something is used that is not defined or not imported, is
// defined or imported twice, or when the braces do not match.

/** What one file defines, imports and calls; `errors` are what is wrong with it by itself. */
export function readModule(text) {
  const module = { defines: new Set(), imports: new Map(), calls: new Set(), errors: [] };
  let open = null;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const [, from, imported] = /^use (\S+)::(\w+)$/.exec(line) ?? [];
    const defined = /^fn (\w+)\(/.exec(line)?.[1];
    if (imported !== undefined) {
      if (module.imports.has(imported)) module.errors.push(`imported twice: ${imported}`);
      module.imports.set(imported, from);
    } else if (defined !== undefined) {
      if (open !== null) module.errors.push(`fn within fn: ${defined}`);
      if (module.defines.has(defined)) module.errors.push(`defined twice: ${defined}`);
      module.defines.add(defined);
      open = defined;
    } else if (line === '}') {
      if (open === null) module.errors.push('a brace too many');
      open = null;
    } else if (line !== '' && !line.startsWith('#')) {
      if (open === null) module.errors.push(`outside of a function: ${line}`);
      for (const [, called] of line.matchAll(/\b(f_\w+)\(/g)) module.calls.add(called);
    }
  }
  if (open !== null) module.errors.push(`no end: ${open}`);
  return module;
}

/** What is wrong with a whole program: a map from paths to modules. */
export function buildErrors(modules) {
  const errors = [];
  for (const [path, module] of modules) {
    errors.push(...module.errors.map((error) => `${path}: ${error}`));
    for (const [name, from] of module.imports)
      if (modules.get(from)?.defines.has(name) !== true) errors.push(`${path}: no ${name} in ${from}`);
    for (const name of module.calls)
      if (!module.defines.has(name) && !module.imports.has(name)) errors.push(`${path}: no ${name}`);
  }
  return errors;
}
