import { AgentLogError } from '../../core/errors.ts';
import { problemOfGlob } from '../../core/paths/glob-match.ts';
import { RISK_CLASSES } from '../../core/risk/risk.ts';
import { type Located, parseLocatedYaml, type YamlProblem } from '../../core/yaml/located.ts';
import { type CelEngine, celEngine } from './cel.ts';
import {
  CLOSERS,
  type Clause,
  type Closer,
  ENFORCEMENTS,
  POLICY_PATH,
  type Policy,
  type PolicyClass,
  type Rule,
  SEVERITIES,
  STAGES,
  variablesOf,
} from './policy.ts';
import { PolicyReader } from './policy-reader.ts';

/** A mistake in a policy file, where it is. */
export type PolicyProblem = YamlProblem;

export interface PolicyReading {
  /** Null when there is any problem: a policy is used as a whole or not at all. */
  readonly policy: Policy | null;
  readonly problems: readonly PolicyProblem[];
}

const LIMITS = {
  bytes: 1024 * 1024,
  depth: 16,
  rules: 2000,
  // And one more for `when`, where it fails: a decision record holds 200.
  clauses: 199,
  controls: 200,
  expression: 10_000,
  items: 1000,
} as const;

const TOP_KEYS = ['version', 'facts', 'lists', 'classes', 'exceptions', 'rules'];
const RULE_KEYS = [
  'id',
  'description',
  'severity',
  'stage',
  'enforce',
  'classes',
  'when',
  'require',
  'controls',
];
const CLAUSE_KEYS = ['id', 'expr', 'message'];

/** Ids the engine gives results of its own. */
const RESERVED_RULES: ReadonlySet<string> = new Set(['coverage', 'stage']);

/** Reads a policy file, which anybody may have written. Tells everything that is wrong with it, expressions included. */
export function readPolicy(text: string): PolicyReading {
  if (Buffer.byteLength(text) > LIMITS.bytes)
    return { policy: null, problems: [{ line: 1, column: 1, message: 'the file is larger than 1 MB' }] };
  const { root, problems: syntax } = parseLocatedYaml(text, LIMITS.depth);
  const reader = new PolicyReader(syntax);
  const policy = root === null ? null : policyOf(reader, root);
  if (root === null && syntax.length === 0) reader.problem({ line: 1, column: 1 }, 'the file is empty');
  const problems = reader.sorted();
  return { policy: problems.length === 0 ? policy : null, problems };
}

/** Reads a policy file; throws BAD_POLICY with everything that is wrong with it. */
export function parsePolicy(text: string, name: string = POLICY_PATH): Policy {
  const { policy, problems } = readPolicy(text);
  if (policy !== null) return policy;
  const mistakes = problems.map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`);
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  throw new AgentLogError('BAD_POLICY', 'usage', `the policy has ${count}`, {
    mistakes,
    hints: [
      'Nothing is judged by a policy that could not be read whole. docs/policy.md says what a rule may hold.',
    ],
  });
}

function policyOf(reader: PolicyReader, root: Located): Policy {
  const top = reader.map(root, TOP_KEYS, 'the policy');
  if (top.get('version')?.value !== 1)
    reader.problem(top.get('version')?.at ?? root.at, '`version: 1` is needed: this program reads no other');
  const facts = top.get('facts');
  if (facts !== undefined && facts.value !== 'v1') reader.problem(facts.at, 'these facts are called v1');
  const lists = listsOf(reader, top.get('lists'));
  const classes = classesOf(reader, top.get('classes'));
  const known = new Set<string>([...RISK_CLASSES, ...classes.map(({ name }) => name)]);
  const engine = celEngine(variablesOf(lists));
  const items = reader.items(top.get('rules'), root.at, 'rules', LIMITS.rules);
  const rules = items.map((item) => ruleOf(reader, item, engine, known));
  reader.unique(
    rules.map(({ id }, at) => ({ id, at: items[at]?.at ?? root.at })),
    'rule',
  );
  return { rules, lists, classes, closedBy: closerOf(reader, top.get('exceptions')) };
}

/** Unless the policy says otherwise, nothing is over before a person has looked. */
function closerOf(reader: PolicyReader, node: Located | undefined): Closer {
  const close = node === undefined ? undefined : reader.map(node, ['close'], '`exceptions`').get('close');
  return close === undefined ? 'person' : reader.oneOf(close, CLOSERS, 'person');
}

function listsOf(reader: PolicyReader, node: Located | undefined): Policy['lists'] {
  if (node === undefined) return {};
  const lists = Array.from(reader.map(node, null, '`lists`'), ([name, list]) => {
    if (!/^[a-z][a-z0-9_]{0,99}$/.test(name))
      reader.problem(list.at, `a list is called by small letters, digits and _, not: ${name}`);
    return [name, reader.texts(list, LIMITS.items)] as const;
  });
  return Object.fromEntries(lists);
}

function classesOf(reader: PolicyReader, node: Located | undefined): PolicyClass[] {
  if (node === undefined) return [];
  return Array.from(reader.map(node, null, '`classes`'), ([name, globs]) => {
    if (!/^[a-z][a-z0-9-]{0,99}$/.test(name))
      reader.problem(globs.at, `a risk class is called by small letters, digits and -, not: ${name}`);
    for (const glob of reader.located(globs)) {
      const problem = typeof glob.value === 'string' ? problemOfGlob(glob.value) : null;
      if (problem !== null) reader.problem(glob.at, problem);
    }
    return { name, globs: reader.texts(globs, LIMITS.items) };
  });
}

function ruleOf(reader: PolicyReader, node: Located, engine: CelEngine, known: ReadonlySet<string>): Rule {
  const keys = reader.map(node, RULE_KEYS, 'a rule');
  const id = reader.id(keys.get('id'), node.at, 'a rule');
  if (RESERVED_RULES.has(id))
    reader.problem(node.at, `'${id}' is what results of the program itself are called`);
  const when = keys.get('when');
  const require = reader.items(keys.get('require'), node.at, '`require` with clauses', LIMITS.clauses);
  const clauses = require.map((clause, at) => clauseOf(reader, clause, at, engine));
  reader.unique(
    clauses.map((clause, at) => ({ id: clause.id, at: require[at]?.at ?? node.at })),
    'clause',
  );
  return {
    id,
    description: reader.text(keys.get('description'), 2000),
    severity: reader.oneOf(keys.get('severity'), SEVERITIES, 'medium'),
    stages: stagesOf(reader, keys.get('stage')),
    enforce: reader.oneOf(keys.get('enforce'), ENFORCEMENTS, 'deny'),
    classes: reader.known(keys.get('classes'), known, 'risk class'),
    when: when === undefined ? null : expressionOf(reader, when, engine),
    require: clauses,
    controls: reader.texts(keys.get('controls'), LIMITS.controls, 200),
  };
}

function clauseOf(reader: PolicyReader, node: Located, at: number, engine: CelEngine): Clause {
  const keys = reader.map(node, CLAUSE_KEYS, 'a clause');
  const expr = keys.get('expr');
  if (expr === undefined && keys.size > 0) reader.problem(node.at, 'a clause needs `expr`');
  return {
    id: keys.has('id') ? reader.id(keys.get('id'), node.at, 'a clause') : `${at + 1}`,
    expr: expr === undefined ? '' : expressionOf(reader, expr, engine),
    message: reader.text(keys.get('message'), 1000),
  };
}

function stagesOf(reader: PolicyReader, node: Located | undefined): Rule['stages'] {
  const stages = reader.known(node, new Set<string>(STAGES), 'stage');
  if (node !== undefined && stages.length === 0) reader.problem(node.at, 'a rule needs a stage');
  return node === undefined ? STAGES : STAGES.filter((stage) => stages.includes(stage));
}

function expressionOf(reader: PolicyReader, node: Located, engine: CelEngine): string {
  const { value } = node;
  const text = typeof value === 'boolean' ? `${value}` : typeof value === 'string' ? value : '';
  if (typeof value !== 'string' && typeof value !== 'boolean')
    reader.problem(node.at, 'an expression has to be a text');
  else if (text.length > LIMITS.expression)
    reader.problem(node.at, `an expression is longer than ${LIMITS.expression} letters`);
  else if (!reader.isFull)
    for (const { message, start } of engine.compile(text).problems)
      reader.problem(node.positionOf(start), message);
  return text;
}
