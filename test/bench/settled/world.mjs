import { CHURN } from './churn.mjs';
import { Dependencies } from './dependencies.mjs';
import { randomFrom } from './random.mjs';

/**
 * A repository as it grows: files of lines, each of which knows who wrote it (`owner`, a commit) and who moved it since.
 * Lines keep that through everything but a change of their own text.
 */
export class World {
  constructor(seed, fileCount) {
    this.random = randomFrom(seed);
    this.names = 0;
    this.files = new Map();
    /** The other way round: lists of lines to paths. */
    this.pathOf = new Map();
    /** Where each function is defined, and who calls it: name to path, name to paths. */
    this.homes = new Map();
    this.callers = new Map();
    this.order = [];
    this.commit = 0;
    /** What files were before this commit: by their lists of lines. */
    this.touched = new Map();
    /** The commits whose lines a person looks at, in a review; null when nobody does. */
    this.reviewed = null;
    for (let i = 0; i < fileCount; i++) this.#newFile(`src/d${i % 97}/m${i}.x`, this.random.between(1, 4));
    this.dependencies = new Dependencies(this);
  }

  #newFile(path, functions) {
    const lines = [this.line(`# module ${path} ${++this.names}`), this.line('')];
    this.place(path, lines);
    this.order.splice(this.random.below(this.order.length + 1), 0, path);
    for (let i = 0; i < functions; i++) this.newFunction(path);
  }

  /** A new file. */
  place(path, lines) {
    this.files.set(path, lines);
    this.pathOf.set(lines, path);
    this.touched.set(lines, { path: null, copy: [] });
  }

  /** A file's lines, to be changed. */
  change(path) {
    const lines = this.files.get(path);
    if (lines !== undefined && !this.touched.has(lines)) this.touched.set(lines, { path, copy: [...lines] });
    return lines;
  }

  line(text) {
    return { text, owner: this.commit, movers: [] };
  }

  /** A file many people work in, or one of those a task is about. */
  file(focus) {
    const { random } = this;
    const known = focus.filter((path) => this.files.has(path));
    return known.length > 0 && random.chance(CHURN.inFocus) ? random.one(known) : this.popularFile();
  }

  popularFile() {
    return this.order[this.random.popular(this.order.length, CHURN.hotFiles)];
  }

  newFile(focus) {
    const folder = this.file(focus).split('/').slice(0, -1).join('/');
    this.#newFile(`${folder}/n${++this.names}.x`, this.random.between(1, 3));
  }

  newFunction(path) {
    const lines = this.change(path);
    const name = `f_${(++this.names).toString(36)}`;
    const body = Array.from({ length: this.random.between(...CHURN.functionLines) }, () =>
      this.line(this.#statement()),
    );
    const made = [
      this.line(`fn ${name}(a) {`),
      ...body,
      this.line('  return a'),
      this.line('}'),
      this.line(''),
    ];
    const starts = [lines.length, ...lines.flatMap(({ text }, i) => (text.startsWith('fn ') ? [i] : []))];
    lines.splice(this.random.chance(0.6) ? lines.length : this.random.one(starts), 0, ...made);
    this.homes.set(name, path);
    return name;
  }

  #statement() {
    const { random } = this;
    if (random.chance(0.12)) return random.one(['  check a', '  a = a + 1', '  log "done"']);
    return `  let v${++this.names} = a * ${random.below(1000)}`;
  }

  /** Places of lines within functions, with more weight on what was written lately. */
  #place(path) {
    const lines = this.files.get(path);
    const places = lines.flatMap((line, i) => (isStatement(line) && !line.text.includes('f_') ? [i] : []));
    if (places.length === 0) return null;
    const { random, reviewed } = this;
    const read = reviewed === null ? [] : places.filter((i) => reviewed.has(lately(lines[i])));
    if (read.length > 0) return random.one(read);
    const recent = places.filter(
      (i) => lately(lines[i]) > this.commit - CHURN.recent && lately(lines[i]) > 0,
    );
    return recent.length > 0 && random.chance(CHURN.onRecent) ? random.one(recent) : random.one(places);
  }

  /** Often what is changed stands beside what somebody wrote in one go, not within it. */
  #besidePlace(path) {
    const lines = this.files.get(path);
    const at = this.#place(path);
    if (at === null || !this.random.chance(CHURN.beside)) return at;
    let [first, last] = [at, at];
    const isOfThem = (line) => isStatement(line) && lately(line) === lately(lines[at]);
    while (isOfThem(lines[first - 1])) first--;
    while (isOfThem(lines[last + 1])) last++;
    const beside = [first - 1, last + 1].filter((i) => isStatement(lines[i]));
    return beside.length === 0 ? at : this.random.one(beside);
  }

  edit(path) {
    const [lines, at] = [this.change(path), this.#besidePlace(path)];
    if (at === null) return this.newFunction(path);
    const indent = /^ */.exec(lines[at].text)[0];
    lines[at] = this.line(`${indent}${this.#statement().trim()}`);
  }

  insert(path) {
    const [lines, at] = [this.change(path), this.#place(path)];
    if (at === null) return this.newFunction(path);
    const made = Array.from({ length: this.random.between(...CHURN.insertedLines) }, () =>
      this.line(this.#statement()),
    );
    lines.splice(this.#gap(lines, at), 0, ...made);
  }

  /** Where lines are put in: often before or after what somebody wrote in one go, not into it. */
  #gap(lines, at) {
    if (!this.random.chance(CHURN.beside)) return at + 1;
    const step = this.random.chance(0.5) ? -1 : 1;
    let edge = at;
    while (isStatement(lines[edge + step]) && lately(lines[edge + step]) === lately(lines[at])) edge += step;
    return step === 1 ? edge + 1 : edge;
  }

  remove(path) {
    const [lines, at] = [this.change(path), this.#place(path)];
    if (at !== null) lines.splice(at, 1);
  }

  /** Calls a function, of another file most of the time, which takes an import. */
  call(path, focus) {
    const { random } = this;
    const home = this.file(focus);
    const names = this.definedIn(home);
    const [lines, at] = [this.change(path), this.#place(path)];
    if (names.length === 0 || at === null) return this.edit(path);
    const name = random.one(names);
    lines.splice(this.#gap(lines, at), 0, this.line(`  let v${++this.names} = ${name}(a)`));
    if (home === path) return undefined;
    if (!lines.some(({ text }) => text === `use ${home}::${name}`)) this.#import(lines, home, name);
    this.callers.set(name, (this.callers.get(name) ?? new Set()).add(path));
    return undefined;
  }

  #import(lines, home, name) {
    const text = `use ${home}::${name}`;
    const after = lines.findIndex((line, i) => i > 0 && !(line.text.startsWith('use ') && line.text < text));
    lines.splice(after, 0, this.line(text));
  }

  definedIn(path) {
    return this.files.get(path).flatMap(({ text }) => /^fn (\w+)\(/.exec(text)?.[1] ?? []);
  }

  /** A function gets another name, wherever it is used. */
  renameFunction(path) {
    const names = this.definedIn(path);
    if (names.length === 0) return this.newFunction(path);
    const name = this.random.one(names);
    const other = `f_${(++this.names).toString(36)}`;
    for (const user of [path, ...(this.callers.get(name) ?? [])])
      this.#replace(user, (text) => text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), other));
    this.callers.set(other, this.callers.get(name) ?? new Set());
    this.homes.set(other, path);
    return other;
  }

  #replace(path, change) {
    const lines = this.change(path);
    if (lines === undefined) return;
    for (const [i, { text }] of lines.entries()) {
      const changed = change(text);
      if (changed !== text) lines[i] = this.line(changed);
    }
  }

  reformat(path) {
    const wide = this.files.get(path).some(({ text }) => text.startsWith('    '));
    this.#replace(path, (text) =>
      text.startsWith(' ') ? `${wide ? '  ' : '    '}${text.trimStart()}` : text,
    );
  }

  /** A function goes to another place in its file. */
  move(path) {
    const lines = this.change(path);
    const starts = lines.flatMap(({ text }, i) => (text.startsWith('fn ') ? [i] : []));
    if (starts.length < 2) return this.edit(path);
    const from = this.random.one(starts);
    const end = lines.findIndex(({ text }, i) => i > from && text === '}') + 1;
    const block = this.carried(lines.splice(from, end - from));
    const left = lines.flatMap(({ text }, i) => (text.startsWith('fn ') ? [i] : []));
    lines.splice(this.random.one(left), 0, ...block);
    return undefined;
  }

  /** Lines that are put at another place. */
  carried(block) {
    for (const { movers } of block) movers.push(this.commit);
    return block;
  }

  renameFile(path) {
    const to = `${path.split('/').slice(0, -1).join('/')}/r${++this.names}.x`;
    const lines = this.change(path);
    this.files.delete(path);
    this.files.set(to, lines);
    this.pathOf.set(lines, to);
    this.order[this.order.indexOf(path)] = to;
    for (const name of this.definedIn(to)) {
      this.homes.set(name, to);
      for (const user of this.callers.get(name) ?? [])
        this.#replace(user, (text) => text.replace(`use ${path}::`, `use ${to}::`));
    }
    for (const users of this.callers.values()) if (users.delete(path)) users.add(to);
    return to;
  }

  /** A file nobody uses goes. */
  removeFile(path) {
    if (this.definedIn(path).some((name) => (this.callers.get(name)?.size ?? 0) > 0)) return this.edit(path);
    this.pathOf.delete(this.change(path));
    this.files.delete(path);
    this.order.splice(this.order.indexOf(path), 1);
    for (const users of this.callers.values()) users.delete(path);
    return undefined;
  }
}

/** Who put a line where it stands. */
function lately({ owner, movers }) {
  return movers.at(-1) ?? owner;
}

function isStatement(line) {
  return line !== undefined && /^ +(?!return)/.test(line.text);
}
