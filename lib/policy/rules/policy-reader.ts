import type { Located, Position, YamlProblem } from '../../core/yaml/located.ts';

/** More are not told: a policy of the most rules there may be has room for five in each. */
const MAX_PROBLEMS = 10_000;

/** Takes values out of a located YAML, and collects what is wrong with them instead of stopping at it. */
export class PolicyReader {
  readonly #problems: YamlProblem[];

  constructor(problems: readonly YamlProblem[]) {
    this.#problems = [...problems];
  }

  problem({ line, column }: Position, message: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ line, column, message });
  }

  /** Whether more would not be told. */
  get isFull(): boolean {
    return this.#problems.length >= MAX_PROBLEMS;
  }

  /** As they come in the file. */
  sorted(): readonly YamlProblem[] {
    return this.#problems.sort((a, b) => a.line - b.line || a.column - b.column);
  }

  /** A map's values by key; of other keys than `known`, if it is given, a problem. */
  map(node: Located, known: readonly string[] | null, what: string): ReadonlyMap<string, Located> {
    if (!(node.value instanceof Map)) {
      this.problem(node.at, `${what} has to be a map`);
      return new Map();
    }
    const values = new Map<string, Located>();
    for (const [name, { key, value }] of node.value) {
      if (known !== null && !known.includes(name))
        this.problem(key, `there is no key '${name}' here; there are: ${known.join(', ')}`);
      else values.set(name, value);
    }
    return values;
  }

  /** A list that needs something in it. */
  items(node: Located | undefined, at: Position, what: string, most: number): readonly Located[] {
    const items = node === undefined ? [] : this.located(node);
    if (items.length === 0) this.problem(node?.at ?? at, `there have to be ${what}`);
    if (items.length <= most) return items;
    this.problem(node?.at ?? at, `there are more than ${most} ${what}`);
    return [];
  }

  /** A list's items; one value alone is a list of one. */
  located(node: Located): readonly Located[] {
    if (Array.isArray(node.value)) return node.value as readonly Located[];
    return node.value === null || node.value instanceof Map ? [] : [node];
  }

  texts(node: Located | undefined, most: number, longest = 500): readonly string[] {
    if (node === undefined) return [];
    if (node.value instanceof Map || node.value === null) this.problem(node.at, 'a list of texts is needed');
    const items = this.located(node);
    if (items.length > most) this.problem(node.at, `there are more than ${most} items`);
    return items.slice(0, most).flatMap((item) => this.text(item, longest) ?? []);
  }

  /** Null when it is not there. */
  text(node: Located | undefined, longest: number): string | null {
    if (node === undefined) return null;
    if (typeof node.value !== 'string') this.problem(node.at, 'a text is needed');
    else if (node.value === '' || node.value.length > longest)
      this.problem(node.at, `a text has 1 to ${longest} letters`);
    else return node.value;
    return null;
  }

  id(node: Located | undefined, at: Position, what: string): string {
    const id = node?.value;
    if (typeof id === 'string' && /^[A-Za-z0-9][\w.:/-]{0,199}$/.test(id)) return id;
    this.problem(node?.at ?? at, `${what} needs an id of letters, digits and . : / - _`);
    return '';
  }

  oneOf<T extends string>(node: Located | undefined, choices: readonly T[], otherwise: T): T {
    const found = choices.find((choice) => choice === node?.value);
    if (node !== undefined && found === undefined)
      this.problem(node.at, `it has to be one of ${choices.join(', ')}`);
    return found ?? otherwise;
  }

  /** Texts that all have to be in `known`. */
  known(node: Located | undefined, known: ReadonlySet<string>, what: string): readonly string[] {
    for (const item of node === undefined ? [] : this.located(node))
      if (typeof item.value === 'string' && !known.has(item.value))
        this.problem(item.at, `there is no ${what} '${item.value}'; there are: ${[...known].join(', ')}`);
    return this.texts(node, 100);
  }

  unique(named: readonly { readonly id: string; readonly at: Position }[], what: string): void {
    const seen = new Set<string>();
    for (const { id, at } of named) {
      if (id !== '' && seen.has(id)) this.problem(at, `there are two ${what}s called '${id}'`);
      seen.add(id);
    }
  }
}
