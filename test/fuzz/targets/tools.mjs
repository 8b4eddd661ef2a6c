import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));

/** Throws what counts as a bug: something that has to hold did not. */
export function holds(condition, what) {
  if (!condition) throw new Error(`does not hold: ${what}`);
}

/** The files of a fixture folder whose names match, at any depth; none when there is no such folder. */
export async function fixtureFiles(folder, pattern) {
  const entries = await readdir(join(fixtures, folder), { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  const files = entries.filter((entry) => entry.isFile() && pattern.test(entry.name));
  return Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name))));
}

/** The payloads in a fixture file: one, or one under each name. */
export function payloadsIn(file) {
  const value = JSON.parse(file.toString('utf8'));
  const several = Object.values(value).every(
    (one) => typeof one === 'object' && one !== null && !Array.isArray(one),
  );
  return (several ? Object.values(value) : [value]).map((one) => Buffer.from(JSON.stringify(one)));
}

export const texts = (...list) => list.map((text) => Buffer.from(text));

/** Nothing an input holds may reach what every object inherits. */
export function expectCleanPrototype() {
  for (const name of Object.getOwnPropertyNames(Object.prototype))
    holds(OWN.has(name), `Object.prototype has no ${name}`);
}

const OWN = new Set(Object.getOwnPropertyNames(Object.prototype));
