import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluatePolicy, parsePolicy, readPolicy } from '../../dist/index.js';
import { makeMarkedHistory } from '../support/marked-history.mjs';
import { interleave, row, time } from './measure.mjs';
import { makeFolder, makeRepo, PROGRAM, removeFolder, run } from './place.mjs';

const RULES = 1000;
const COMMITS = 1000;

/**
 * A policy of a thousand rules on a range of a thousand commits: what evaluating its facts takes, by rule and commit; what a
 * check takes from git's objects to its verdict; and a policy with a mistake in every rule, which have to be found all.
 */
export async function evaluateRules({ quick }) {
  const rounds = quick ? 3 : 7;
  const text = policyText((at) => `change.files.all(f, f.added < ${at + 1} || f.path != "src/${at}.ts")`);
  const wrong = policyText((at) => `change.files.all(f, f.aded < ${at})`);
  const policy = parsePolicy(text);
  const facts = factsOfRange();
  const root = makeFolder();
  const { dir, env } = makeRange(root, text);
  const check = ['check', 'topic', '--target', 'main', '--stage', 'mr', '--dry-run', '--json'];
  const timed = async (work) => {
    const begin = performance.now();
    await work();
    return performance.now() - begin;
  };
  const ms = await interleave(
    rounds,
    {
      evaluate: () =>
        timed(async () => {
          const { results } = await evaluatePolicy(policy, facts, { stage: 'mr', waivers: [] });
          const passed = results.filter(({ result }) => result === 'pass');
          if (passed.length !== RULES) throw new Error(`${passed.length} of ${RULES} rules passed`);
        }),
      load: () => timed(() => parsePolicy(text)),
      mistakes: () =>
        timed(() => {
          const found = readPolicy(wrong).problems.length;
          if (found !== RULES) throw new Error(`${found} of ${RULES} mistakes were found`);
        }),
      copy: () => timed(() => structuredClone(facts)),
      check: () => time(process.execPath, [PROGRAM, ...check], { cwd: dir, env, ok: [0, 1] }),
      log: () => time('git', ['log', '--format=raw', '--numstat', 'main..topic'], { cwd: dir, env }),
    },
    1,
  );
  removeFolder(root);
  const perRule = (ms.evaluate * 1000) / RULES / COMMITS;
  return [
    row('evaluate 1,000 rules, 1,000 commits', {
      ms: ms.evaluate,
      floor: 'load them',
      floorMs: ms.load,
      rounds,
    }),
    row('  per rule and commit, in µs', { ms: perRule, floor: 'goal', floorMs: 10, goal: 1, rounds }),
    row('check the same in a repository', { ms: ms.check, floor: 'git log', floorMs: ms.log, rounds }),
    row('tell 1,000 type errors', { ms: ms.mistakes, floor: 'load them', floorMs: ms.load, rounds }),
  ];
}

function policyText(expression) {
  const rules = Array.from(
    { length: RULES },
    (_, at) =>
      `  - id: rule-${at}\n    when: change.commits > 0\n    require:\n      - expr: '${expression(at)}'\n        message: not so\n`,
  );
  return `version: 1\nrules:\n${rules.join('')}`;
}

/** Three files a commit. */
function factsOfRange() {
  const files = Array.from({ length: COMMITS * 3 }, (_, at) => ({
    path: `src/module-${at % 40}/file-${at}.ts`,
    old_path: '',
    status: 'modified',
    kind: 'file',
    classes: [],
    by: 'agent',
    added: 0,
    deleted: at % 7,
  }));
  return {
    change: { stage: 'mr', evaluated_at: '2026-03-04T10:00:00.000Z', commits: COMMITS, files, classes: [] },
  };
}

/** `main` with the policy, and `topic` with the commits. */
function makeRange(root, policy) {
  const repo = makeRepo(root, 'range');
  const git = (...args) => run('git', args, { cwd: repo.dir, env: repo.env });
  makeMarkedHistory(repo.dir, COMMITS, repo.env);
  git('branch', 'topic');
  git('checkout', '-q', '-B', 'main', git('rev-list', '--max-parents=0', 'HEAD').split('\n')[0] ?? '');
  mkdirSync(join(repo.dir, '.agent-log'), { recursive: true });
  writeFileSync(join(repo.dir, '.agent-log/policy.yaml'), policy);
  git('add', '-A');
  git('commit', '-qm', 'Add a policy');
  return repo;
}
