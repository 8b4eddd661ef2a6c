import { compileGlob, problemOfGlob } from '../../../dist/core/paths/glob-match.js';
import { celEngine } from '../../../dist/policy/rules/cel.js';
import { variablesOf } from '../../../dist/policy/rules/policy.js';
import { readPolicy } from '../../../dist/policy/rules/policy-file.js';
import { STARTER_FILES } from '../../../dist/policy/rules/starter.js';
import { expectCleanPrototype, holds, texts } from './tools.mjs';

const engine = celEngine(variablesOf({ names: [] }));
const file = { path: 'a/b.ts', old_path: '', classes: ['iac'], by: 'agent', added: 1, deleted: 0 };
const facts = engine.typed({
  change: { commits: 1, by_agent: true, target: 'refs/heads/main', files: [file, file], classes: ['iac'] },
  lists: { names: ['x', 'y'] },
});

const LARGEST = 64 * 1024;

export const policyTargets = [
  {
    name: 'policy:file',
    seeds: async () => [
      ...STARTER_FILES.map(({ content }) => Buffer.from(content)),
      ...texts(
        'version: 1\nrules: [{id: a, require: [{expr: "change.by_agent"}]}]\n',
        'version: 1\nclasses: {x: ["**/{a,b}"]}\nrules:\n  - id: a\n    when: >-\n      change.nope\n      && 1 +\n    require: true\n',
        'a: &x [*x]\n? {b: c}\n: !!js d\n__proto__: {}\n',
      ),
    ],
    run(bytes) {
      // The YAML library takes a second for 250 KB of what is nothing but mistakes: linear, and no hang.
      const { policy, problems } = readPolicy(bytes.toString('utf8', 0, LARGEST));
      holds((policy === null) === problems.length > 0, 'a policy has no problems, and nothing else has none');
      holds(
        problems.every(({ line, column, message }) => line >= 1 && column >= 1 && message !== ''),
        'a problem says where it is',
      );
      expectCleanPrototype();
    },
  },
  {
    name: 'policy:expression',
    seeds: async () =>
      texts(
        'change.files.all(f, f.classes.exists(c, c in ["iac", "ci-cd"]) || f.by == "human")',
        'has(change.sponsor) && change.sponsor.verified ? change.commits > 2 : size(lists.names) == 0',
        'timestamp("2026-03-04T10:00:00Z").getHours("Europe/Zurich") + 1 == int("12") % 7',
        'change.files.filter(f, glob(f.path, "a/**")).map(f, f.added)[0] == -1 / 0',
        '"a".matches("b") && cel.bind(x, dyn(1), x) == b"c" && {"a": 1u}["a"] != null',
      ),
    run(bytes) {
      // Work grows with the power of what is nested: that is what the thread's limit is for.
      const text = bytes.toString('utf8').slice(0, 300);
      const { expression, problems } = engine.compile(text);
      holds((expression === null) === problems.length > 0, 'an expression has no problems');
      holds(
        problems.every(({ start, end }) => start >= 0 && start <= end && end <= text.length),
        'a problem lies within the text',
      );
      let answer = null;
      try {
        answer = expression?.evaluate(facts) ?? null;
      } catch {
        // No answer.
      }
      holds(answer === null || typeof answer === 'boolean', 'an answer is yes or no');
      expectCleanPrototype();
    },
  },
  {
    name: 'policy:glob',
    seeds: async () => texts('**/*.{ts,js}', 'a/{b,{c,d}}/**', '**/[a-z]*?.sh', '*a*a*a*a*', '{a,b', '[[a]'),
    run(bytes) {
      const glob = bytes.toString('utf8');
      if (problemOfGlob(glob) !== null) return;
      const fits = compileGlob(glob);
      for (const path of ['', 'a/b.ts', 'a'.repeat(200), glob.toUpperCase()])
        holds(fits(path) === fits(path.toLowerCase()), 'letter case does not matter');
    },
  },
];
