import { type ASTNode, Environment, EvaluationError, ParseError, TypeError } from '@marcbachmann/cel-js';
import { compileGlob } from '../../core/paths/glob-match.ts';
import { type ExpressionProblem, inspectTree } from './cel-tree.ts';
import { type Declaration, isListType, isObjectType, type ObjectType } from './declaration.ts';

/** An expression that is yes or no, checked against the declared facts. */
export interface Expression {
  readonly reads: readonly string[];
  /** Throws when a fact it needs is not there, or anything else goes wrong: then there is no answer. */
  evaluate(facts: TypedFacts): boolean;
}

/** Facts as the engine wants them, made by `typed`. */
export type TypedFacts = Readonly<Record<string, unknown>>;

export type Compiled =
  | { readonly expression: Expression; readonly problems: readonly [] }
  | { readonly expression: null; readonly problems: readonly ExpressionProblem[] };

/** Compiles expressions over declared facts. What engine does it shows nowhere else. */
export interface CelEngine {
  compile(text: string): Compiled;
  typed(facts: unknown): TypedFacts;
}

/** Problems of one expression that are told, and parts of it that are asked about for them. */
const MAX_TOLD = 100;

/** Of one expression. */
const LIMITS = {
  maxAstNodes: 2000,
  maxDepth: 60,
  maxListElements: 1000,
  maxMapEntries: 100,
  maxCallArguments: 8,
};

/** The engine for facts of the given declaration: each of its fields is a variable. */
export function celEngine(variables: ObjectType): CelEngine {
  const environment = new Environment({ limits: LIMITS });
  const types = new TypeTable(environment);
  for (const [name, type] of Object.entries(variables)) {
    const named = types.declare(type, name);
    environment.registerVariable(name, named);
  }
  registerGlobs(environment);
  return {
    compile: (text) => compile(environment, variables, text),
    typed: (facts) => types.convert(facts, variables, '') as TypedFacts,
  };
}

function compile(environment: Environment, variables: ObjectType, text: string): Compiled {
  let parsed: ReturnType<Environment['parse']>;
  try {
    parsed = environment.parse(text);
  } catch (error) {
    return { expression: null, problems: [problemOf(error, text)] };
  }
  const { problems: every, reads } = inspectTree(parsed.ast, variables);
  const found = every.slice(0, MAX_TOLD);
  const { type, error } = parsed.check();
  const all =
    error === undefined ? found : [...found, ...typeProblems(environment, parsed.ast, text, error, found)];
  const problems = all.filter((one, at) => !all.slice(0, at).some((before) => overlap(one, before)));
  if (problems.length > 0) return { expression: null, problems: problems.sort((a, b) => a.start - b.start) };
  if (type === 'bool')
    return { expression: { reads, evaluate: (facts) => answer(parsed(facts)) }, problems: [] };
  const message = `it has to be yes or no (bool), and is ${type ?? 'neither'}`;
  return { expression: null, problems: [{ message, start: 0, end: text.length }] };
}

function answer(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new RangeError('it came to neither yes nor no');
}

/** The engine tells the first problem only: parts joined by && and || are asked about one by one, and it comes last. */
function typeProblems(
  environment: Environment,
  root: ASTNode,
  text: string,
  first: unknown,
  known: readonly ExpressionProblem[],
): ExpressionProblem[] {
  const unknown = partsOf(root).filter((part) => !known.some((one) => overlap(one, part)));
  const within = unknown.slice(0, MAX_TOLD).flatMap((part) => {
    const words = text.slice(part.start, part.end);
    const { error } = environment.check(words);
    // Brackets around a part are not in it, and then it may not be one by itself.
    return error === undefined || error instanceof ParseError ? [] : [problemOf(error, words, part.start)];
  });
  return [...within, problemOf(first, text)];
}

function partsOf(node: ASTNode): ASTNode[] {
  return node.op === '&&' || node.op === '||' ? node.args.flatMap(partsOf) : [node];
}

type Span = Pick<ExpressionProblem, 'start' | 'end'>;

function overlap(a: Span, b: Span): boolean {
  return a.start === b.start || (a.start < b.end && b.start < a.end);
}

function problemOf(error: unknown, text: string, offset = 0): ExpressionProblem {
  const known = error instanceof ParseError || error instanceof TypeError || error instanceof EvaluationError;
  const { start, end } = (known ? error.range : undefined) ?? { start: 0, end: text.length };
  const message = known ? error.summary : 'it could not be read';
  const hint = /[!=]= null|null [!=]=/.test(message) ? '; has(…) tells whether a fact is there' : '';
  return { message: message + hint, start: offset + start, end: offset + end };
}

/** What went wrong in an evaluation, in a few words. */
export function reasonOf(error: unknown): string {
  const missing =
    error instanceof EvaluationError ? /^No such key: (.*)$/.exec(error.summary)?.[1] : undefined;
  if (missing !== undefined) return `the fact '${missing}' is not there`;
  if (error instanceof EvaluationError) return error.summary;
  return error instanceof Error ? error.message : 'it failed';
}

/** Kept of the globs that were asked for: they are the policy's own, nearly always. */
const MAX_GLOBS = 5000;

function registerGlobs(environment: Environment): void {
  const compiled = new Map<string, (path: string) => boolean>();
  const glob = (path: string, pattern: string): boolean => {
    const matches = compiled.get(pattern) ?? compileGlob(pattern);
    if (compiled.size < MAX_GLOBS) compiled.set(pattern, matches);
    return matches(path);
  };
  environment.registerFunction('glob(string, string): bool', { handler: glob, async: false });
  environment.registerFunction('glob_any(string, list<string>): bool', {
    handler: (path: string, patterns: readonly string[]) => patterns.some((pattern) => glob(path, pattern)),
    async: false,
  });
}

type Fields = Record<string, unknown>;

/** Object types by the path they are declared at, each with a class of its own, by which the engine tells them. */
class TypeTable {
  readonly #environment: Environment;
  readonly #classes = new Map<string, new () => Fields>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Declares a type and what it is made of; gives its name. */
  declare(type: Declaration, path: string): string {
    if (isListType(type)) return `list<${this.declare(type[0], path)}>`;
    if (!isObjectType(type)) return type;
    const fields = Object.entries(type).map(([name, field]) => [
      name,
      this.declare(field, `${path}.${name}`),
    ]);
    const ctor = class {
      [field: string]: unknown;
    };
    const name = `facts.${path}`;
    this.#classes.set(path, ctor);
    this.#environment.registerType(name, {
      ctor,
      fields: Object.fromEntries(fields) as Record<string, string>,
    });
    return name;
  }

  /** A value of the declared type; undefined for what is not of it: such a fact is not there. */
  convert(value: unknown, type: Declaration, path: string): unknown {
    if (type === 'int') return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
    if (type === 'string') return typeof value === 'string' ? value : undefined;
    if (type === 'bool') return typeof value === 'boolean' ? value : undefined;
    if (isListType(type)) return listOf(value, (item) => this.convert(item, type[0], path));
    if (type === 'list<string>')
      return listOf(value, (item) => (typeof item === 'string' ? item : undefined));
    return isFields(value) && isObjectType(type) ? this.#object(value, type, path) : undefined;
  }

  #object(value: Fields, type: ObjectType, path: string): Fields {
    const Made = this.#classes.get(path);
    const made: Fields = Made === undefined ? {} : new Made();
    for (const [name, field] of Object.entries(type)) {
      if (!Object.hasOwn(value, name)) continue;
      const converted = this.convert(value[name], field, path === '' ? name : `${path}.${name}`);
      if (converted !== undefined) made[name] = converted;
    }
    return made;
  }
}

/** One item that is not of its type, and the list is not there. */
function listOf(value: unknown, convert: (item: unknown) => unknown): unknown[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map(convert);
  return items.includes(undefined) ? undefined : items;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
