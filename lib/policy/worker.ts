import { parentPort, workerData } from 'node:worker_threads';
import { judgedFacts, judgeRule } from './judge.ts';
import { celEngine } from './rules/cel.ts';
import { variablesOf } from './rules/policy.ts';
import type { Judged, ThreadTask } from './thread.ts';

// What a thread of its own runs: it evaluates rules one after another and tells each as soon as it is done. Whoever started
// it ends it where one takes too long.
const { rules, lists, facts } = workerData as ThreadTask;
const engine = celEngine(variablesOf(lists));
const judged = judgedFacts(engine, lists, facts);
parentPort?.postMessage(null, []);
for (const rule of rules) {
  const answer: Judged = { rule: rule.id, outcome: judgeRule(rule, engine, judged) };
  parentPort?.postMessage(answer, []);
}
