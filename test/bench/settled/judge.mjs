import { isRight, judge, truthOf } from './truth.mjs';

/** Says of trees whether they are what the repository is without some commits; each is looked at once. */
export class Judge {
  constructor({ commits, world, checkout, oids }) {
    Object.assign(this, { commits, world, checkout });
    this.numberOf = new Map(oids.map((oid, number) => [oid, number]));
    this.known = new Map();
  }

  /** `own` are the numbers of the transaction's commits, `adds` the ids of what goes besides. */
  of(own, { tree, adds }) {
    if (tree === null) return { verdict: null, isRight: false, builds: false };
    const going = [...own, ...adds.map((oid) => this.numberOf.get(oid))].sort((a, b) => a - b);
    const key = `${tree} ${going.join(' ')}`;
    if (!this.known.has(key)) this.known.set(key, this.#look(tree, new Set(going)));
    return this.known.get(key);
  }

  async #look(tree, going) {
    const changes = await this.checkout.changes(tree);
    const paths = new Set([...changes.keys(), ...this.#written(going)]);
    const files = new Map();
    for (const path of paths) {
      const text = changes.has(path) ? changes.get(path) : this.checkout.texts.get(path);
      if (text !== null && text !== undefined) files.set(path, text);
    }
    const verdict = judge(truthOf(this.commits, this.world, going, paths), files);
    return { verdict, isRight: isRight(verdict), builds: await this.checkout.builds(tree) };
  }

  /** The files they changed, as they are called now: of all others that are as at the tip nothing has to be asked. */
  *#written(going) {
    for (const number of going)
      for (const { lines } of this.commits[number].changes) {
        const path = this.world.pathOf.get(lines);
        if (path !== undefined) yield path;
      }
  }
}
