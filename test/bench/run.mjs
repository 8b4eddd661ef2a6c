// Measures what git-agent-log costs, as ratios to what the same thing costs without it (or to the least it could cost),
// both measured in this run and in turn. Says which goals are met; fails for nothing but an error.
// usage: run.mjs [--only NAME] [--quick] [--json FILE]
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { replayCalls } from './calls.mjs';
import { makeEvidence } from './evidence.mjs';
import { queueOfExceptions } from './exceptions.mjs';
import { agentCommit, humanCommit, toolHook } from './hooks.mjs';
import { bulkAppend, derivedIndex, showOne } from './ledger.mjs';
import { run } from './place.mjs';
import { evaluateRules } from './policy.mjs';
import { rebaseRecorded } from './rebase.mjs';
import { verifyRecords } from './replay.mjs';
import { planRevert } from './revert.mjs';
import { scanHistory } from './scan.mjs';
import { readSealed, redactLong } from './texts.mjs';
import { verifyEvidence } from './verify.mjs';

const FIGURES = {
  'human-commit': humanCommit,
  'tool-hook': toolHook,
  'agent-commit': agentCommit,
  rebase: rebaseRecorded,
  show: showOne,
  'bulk-append': bulkAppend,
  index: derivedIndex,
  scan: scanHistory,
  revert: planRevert,
  replay: verifyRecords,
  calls: replayCalls,
  redact: redactLong,
  sealed: readSealed,
  policy: evaluateRules,
  verify: verifyEvidence,
  evidence: makeEvidence,
  exceptions: queueOfExceptions,
};

const { values } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});
if (values.only !== undefined && !Object.hasOwn(FIGURES, values.only)) {
  console.error(`no figure is called '${values.only}'; there are: ${Object.keys(FIGURES).join(', ')}`);
  process.exit(2);
}

const figures = {};
console.log(line('', 'ms', 'floor', 'ms', 'ratio', 'goal', ''));
for (const [name, measure] of Object.entries(FIGURES)) {
  if (values.only !== undefined && values.only !== name) continue;
  figures[name] = await measure({ quick: values.quick });
  for (const row of figures[name]) console.log(rendered(row));
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(document(), null, 2)}\n`);

function rendered({ label, ms, floor, floorMs, ratio, goal, unit, verdict }) {
  const limit =
    goal === null ? '' : unit === 'ms' ? `${goal} ms` : goal.toFixed(Number.isInteger(goal * 10) ? 1 : 2);
  return line(
    label,
    digits(ms),
    floor,
    digits(floorMs),
    ratio.toFixed(2),
    limit,
    goal === null ? '' : verdict,
  );
}

/** 80 columns. */
function line(label, ms, floor, floorMs, ratio, goal, verdict) {
  return `${label.padEnd(36)}${ms.padStart(6)} ${floor.padEnd(11)}${floorMs.padStart(6)}${ratio.padStart(6)}${goal.padStart(7)} ${verdict}`.trimEnd();
}

function digits(ms) {
  return ms < 100 ? ms.toFixed(1) : ms.toFixed(0);
}

function document() {
  return {
    measuredAt: new Date().toISOString(),
    quick: values.quick,
    node: process.versions.node,
    git: run('git', ['--version'], {}).replace('git version ', ''),
    cpus: cpus().length,
    platform: `${process.platform} ${process.arch}`,
    figures,
  };
}
