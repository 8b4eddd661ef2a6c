/**
 * What a program depends on, as `Cargo.toml` says it, and as `Cargo.lock` has it: two files everybody changes in the same
 * few places, of which the second is made from the first.
 */
export class Dependencies {
  constructor(world) {
    this.world = world;
    this.manifest = [
      world.line('[package]'),
      world.line('name = "made-up"'),
      world.line(''),
      world.line('[dependencies]'),
    ];
    this.lock = [world.line('# made by a tool'), world.line('')];
    for (const [path, lines] of [
      ['Cargo.toml', this.manifest],
      ['Cargo.lock', this.lock],
    ])
      world.place(path, lines);
    this.names = [];
    for (let i = 0; i < 20; i++) this.#add(`lib${i * 7}`);
  }

  /** A new one, and the file that needs it. */
  add(path) {
    const { world } = this;
    const name = `lib${world.random.below(10_000)}`;
    if (this.names.includes(name)) return;
    this.#touch();
    this.#add(name);
    world.change(path).splice(1, 0, world.line(`extern ${name}`));
  }

  /** Another version of one. */
  bump() {
    const { world } = this;
    const name = world.random.one(this.names);
    this.#touch();
    const version = `1.${++world.names}`;
    this.manifest[this.manifest.findIndex(({ text }) => text.startsWith(`${name} = `))] = world.line(
      `${name} = "${version}"`,
    );
    const at = this.lock.findIndex(({ text }) => text === `name = "${name}"`);
    this.lock.splice(at + 1, 2, ...this.#locked(version));
  }

  #touch() {
    for (const path of ['Cargo.toml', 'Cargo.lock']) this.world.change(path);
  }

  #add(name) {
    const { world } = this;
    const version = `1.${++world.names}`;
    this.names.push(name);
    this.names.sort();
    const next = this.names[this.names.indexOf(name) + 1];
    insertBefore(
      this.manifest,
      next === undefined ? -1 : this.manifest.findIndex(({ text }) => text.startsWith(`${next} = `)),
      [world.line(`${name} = "${version}"`)],
    );
    insertBefore(
      this.lock,
      next === undefined ? -1 : this.lock.findIndex(({ text }) => text === `name = "${next}"`) - 1,
      [world.line('[[package]]'), world.line(`name = "${name}"`), ...this.#locked(version), world.line('')],
    );
  }

  #locked(version) {
    const { world } = this;
    return [
      world.line(`version = "${version}"`),
      world.line(`checksum = "${(++world.names * 2654435761).toString(16)}"`),
    ];
  }
}

function insertBefore(lines, at, added) {
  lines.splice(at < 0 ? lines.length : at, 0, ...added);
}

/** What is wrong between the two: the lock has to hold just what the manifest asks for. Both by path, as texts. */
export function lockErrors(manifest, lock) {
  const asked = new Map(
    [...manifest.matchAll(/^(lib\d+) = "(.*)"$/gm)].map(([, name, version]) => [name, version]),
  );
  const held = new Map(
    [...lock.matchAll(/^name = "(.*)"\nversion = "(.*)"$/gm)].map(([, name, version]) => [name, version]),
  );
  const names = new Set([...asked.keys(), ...held.keys()]);
  return [...names]
    .filter((name) => asked.get(name) !== held.get(name))
    .map((name) => `Cargo.lock: ${name} is not as asked for`);
}
