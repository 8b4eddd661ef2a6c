import { type Declaration, fieldOf, isObjectType, itemOf, type ObjectType } from './declaration.ts';

/** A node of a parsed expression, as far as it is looked at here. Any engine's tree can be given this form. */
export interface Tree {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
}

/** What is wrong with an expression, and which of its letters say so. */
export interface ExpressionProblem {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

export interface Inspected {
  readonly problems: readonly ExpressionProblem[];
  /** Names of the facts it reads: `change.sponsor.email`, `change.files[].path`. */
  readonly reads: readonly string[];
}

/** The part of CEL every engine has, less what can be made to run for ever or is never needed over facts. */
const FUNCTIONS: ReadonlySet<string> = new Set(
  'size has int double string timestamp duration glob glob_any'.split(' '),
);
const METHODS: ReadonlySet<string> = new Set(
  [
    'size contains startsWith endsWith',
    'getFullYear getMonth getDate getDayOfMonth getDayOfWeek getHours getMinutes getSeconds getMilliseconds',
  ].flatMap((names) => names.split(' ')),
);
const MACROS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
/** What a path of facts is written with. */
const CHAIN: ReadonlySet<string> = new Set(['id', '.', '[]']);
const OPERATORS: ReadonlySet<string> = new Set(
  'list map ?: || && !_ -_ != == in + - * / % < <= > >='.split(' '),
);

/** What a name stands for within an expression: the path of facts it goes along, and their type. Null: neither is known. */
interface Meaning {
  readonly path: string | null;
  readonly type: Declaration | null;
}
const UNKNOWN: Meaning = { path: null, type: null };

type Scope = ReadonlyMap<string, Meaning>;

/** Looks through an expression for what is outside the common subset and for facts that do not exist, and at what it reads. */
export function inspectTree(tree: Tree, variables: ObjectType): Inspected {
  const inspector = new Inspector();
  const scope = Object.entries(variables).map(([name, type]) => [name, { path: name, type }] as const);
  inspector.visit(tree, new Map(scope));
  return { problems: inspector.problems, reads: inspector.reads() };
}

class Inspector {
  readonly problems: ExpressionProblem[] = [];
  readonly #read = new Set<string>();
  /** Lists that were gone through; said to be read where nothing of their items is. */
  readonly #walked = new Set<string>();

  reads(): string[] {
    const walked = [...this.#walked].filter((list) =>
      [...this.#read].every((path) => !path.startsWith(`${list}[]`)),
    );
    // The items of a list of texts are the list.
    return [...new Set([...this.#read, ...walked].map((path) => path.replace(/\[\]$/, '')))].sort();
  }

  /** Goes through a node once; says what it means, and takes down what it reads. */
  visit(node: Tree, scope: Scope): Meaning {
    const meaning = this.#meaning(node, scope);
    if (CHAIN.has(node.op) && meaning.path !== null) this.#read.add(meaning.path);
    return meaning;
  }

  #meaning(node: Tree, scope: Scope): Meaning {
    switch (node.op) {
      case 'id':
        return this.#variable(node, scope);
      case '.':
        return this.#field(node, scope);
      case '[]':
        return this.#item(node, scope);
      case 'value':
        return this.#literal(node);
      case 'call':
      case 'rcall':
        return this.#call(node, scope);
      default:
        return this.#operator(node, scope);
    }
  }

  #operator(node: Tree, scope: Scope): Meaning {
    if (!OPERATORS.has(node.op)) this.#refuse(node, `'${node.op}' is not part of the common subset of CEL`);
    for (const child of treesIn(node.args)) this.visit(child, scope);
    return UNKNOWN;
  }

  #refuse({ start, end }: Tree, message: string): void {
    this.problems.push({ message, start, end });
  }

  #literal(node: Tree): Meaning {
    if (node.args !== null && typeof node.args === 'object')
      this.#refuse(node, 'bytes and unsigned numbers are not part of the common subset of CEL');
    return UNKNOWN;
  }

  #variable(node: Tree, scope: Scope): Meaning {
    const meaning = scope.get(String(node.args));
    if (meaning === undefined) this.#refuse(node, `there is no variable called '${String(node.args)}'`);
    return meaning ?? UNKNOWN;
  }

  #field(node: Tree, scope: Scope): Meaning {
    const [object, name] = node.args as readonly [Tree, string];
    const { path, type } = this.#meaning(object, scope);
    if (!isObjectType(type)) return UNKNOWN;
    const field = fieldOf(type, name);
    if (field === null)
      this.#refuse(
        { ...node, start: node.end - name.length },
        `there is no fact called '${path ?? ''}.${name}'`,
      );
    return { path: field === null || path === null ? null : `${path}.${name}`, type: field };
  }

  #item(node: Tree, scope: Scope): Meaning {
    const [list, index] = node.args as readonly [Tree, Tree];
    const meaning = this.#meaning(list, scope);
    this.visit(index, scope);
    if (isObjectType(meaning.type)) this.#refuse(node, 'a fact is named with a dot, not in brackets');
    return itemMeaning(meaning);
  }

  #call(node: Tree, scope: Scope): Meaning {
    const name = nameOf(node);
    const operands = operandsOf(node);
    if (node.op === 'rcall' && MACROS.has(name)) {
      const list = this.#macro(operands, scope);
      return name === 'filter' ? list : UNKNOWN;
    }
    if (!(node.op === 'call' ? FUNCTIONS : METHODS).has(name)) this.#refuse(node, refusalOf(name));
    for (const operand of operands) this.visit(operand, scope);
    return UNKNOWN;
  }

  /** `list.all(item, …)`: within it, the name stands for what the list holds. */
  #macro([list, item, ...bodies]: readonly Tree[], scope: Scope): Meaning {
    if (list === undefined || item === undefined) return UNKNOWN;
    const meaning = this.#meaning(list, scope);
    if (meaning.path !== null) this.#walked.add(meaning.path);
    const inner = new Map(scope);
    if (item.op === 'id') inner.set(String(item.args), itemMeaning(meaning));
    for (const body of bodies) this.visit(body, inner);
    return meaning;
  }
}

function itemMeaning({ path, type }: Meaning): Meaning {
  const item = itemOf(type);
  return { path: item === null || path === null ? null : `${path}[]`, type: item };
}

function refusalOf(name: string): string {
  if (name === 'matches')
    return "'matches' is refused: a hostile text can keep a regular expression busy for ever. Use glob(text, pattern)";
  return `there is no function called '${name}' in the common subset of CEL`;
}

function nameOf(node: Tree): string {
  return String((node.args as readonly unknown[])[0]);
}

/** Of a call, the receiver first. */
function operandsOf(node: Tree): Tree[] {
  return treesIn((node.args as readonly unknown[]).slice(1));
}

function treesIn(args: unknown): Tree[] {
  if (Array.isArray(args)) return args.flatMap(treesIn);
  return typeof args === 'object' && args !== null && 'op' in args ? [args as Tree] : [];
}
