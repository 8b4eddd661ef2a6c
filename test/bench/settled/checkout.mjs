import { diffEntryPairs } from '../../../dist/git/entry-diff.js';
import { textOf } from './history.mjs';
import { buildErrors, readModule } from './language.mjs';

/** Trees of the repository as texts and as a program that builds or does not; only what differs from the tip is read. */
export class Checkout {
  constructor(scratch, world, tip) {
    this.scratch = scratch;
    this.tip = tip;
    this.texts = new Map([...world.files].map(([path, lines]) => [path, textOf(lines)]));
    this.modules = new Map(
      [...this.texts].flatMap(([path, text]) => (isModule(path) ? [[path, readModule(text)]] : [])),
    );
    this.known = new Map();
    this.errors = new Map();
  }

  /** The files in which a tree differs from the tip, as texts; null for what is not there. */
  changes(tree) {
    const known = this.known.get(tree) ?? this.#read(tree);
    this.known.set(tree, known);
    return known;
  }

  async #read(tree) {
    const [diff] = await diffEntryPairs(this.scratch, [{ from: this.tip, to: tree }]);
    const texts = diff.map(async ({ path, to }) => [
      path,
      to === null ? null : (await this.scratch.reader.read(to.oid)).content.toString('utf8'),
    ]);
    return new Map(await Promise.all(texts));
  }

  async builds(tree) {
    if (!this.errors.has(tree)) this.errors.set(tree, await this.#build(tree));
    return this.errors.get(tree).length === 0;
  }

  /** What the build of a tree printed. */
  said(tree) {
    return (this.errors.get(tree) ?? []).join('\n');
  }

  async #build(tree) {
    const modules = new Map(this.modules);
    const changes = await this.changes(tree);
    for (const [path, text] of changes)
      if (text === null) modules.delete(path);
      else if (isModule(path)) modules.set(path, readModule(text));
    const text = (path) => (changes.has(path) ? (changes.get(path) ?? '') : this.texts.get(path));
    return buildErrors(modules, text('Cargo.toml'), text('Cargo.lock'));
  }
}

function isModule(path) {
  return path.endsWith('.x');
}
