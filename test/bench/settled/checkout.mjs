import { diffEntryPairs } from '../../../dist/git/entry-diff.js';
import { textOf } from './history.mjs';
import { buildErrors, readModule } from './language.mjs';

/** Trees of the repository as texts and as a program that builds or does not; only what differs from the tip is read. */
export class Checkout {
  constructor(scratch, world, tip) {
    this.scratch = scratch;
    this.tip = tip;
    this.texts = new Map([...world.files].map(([path, lines]) => [path, textOf(lines)]));
    this.modules = new Map([...this.texts].map(([path, text]) => [path, readModule(text)]));
    this.known = new Map();
  }

  async #changes(tree) {
    const [diff] = await diffEntryPairs(this.scratch, [{ from: this.tip, to: tree }]);
    return Promise.all(
      diff.map(async ({ path, to }) => [
        path,
        to === null ? null : (await this.scratch.reader.read(to.oid)).content.toString('utf8'),
      ]),
    );
  }

  async files(tree) {
    const files = new Map(this.texts);
    for (const [path, text] of await this.#changes(tree))
      if (text === null) files.delete(path);
      else files.set(path, text);
    return files;
  }

  async builds(tree) {
    if (this.known.has(tree)) return this.known.get(tree);
    const modules = new Map(this.modules);
    for (const [path, text] of await this.#changes(tree))
      if (text === null) modules.delete(path);
      else modules.set(path, readModule(text));
    const builds = buildErrors(modules).length === 0;
    this.known.set(tree, builds);
    return builds;
  }
}
