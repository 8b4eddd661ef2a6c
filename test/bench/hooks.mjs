import { appendFileSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AGENT, callHook, spoolPath, textOf, transcriptLine, turn } from './claude.mjs';
import { interleave, median, row, time } from './measure.mjs';
import { makeFolder, makePair, removeFolder, stage } from './place.mjs';

/** A human's commit with our hooks in place, in units of the same commit without them. */
export async function humanCommit({ quick }) {
  const many = quick ? 2000 : 50_000;
  return [
    await humanCommitAmong(10, quick ? 15 : 61, 1.5),
    await humanCommitAmong(many, quick ? 9 : 41, 1.1),
  ];
}

async function humanCommitAmong(fileCount, rounds, goal) {
  const root = makeFolder();
  const { plain, ours } = makePair(root, fileCount);
  const path = fileCount > 100 ? 'src/1/file-1.txt' : 'file-1.txt';
  const commitIn = (repo) => (round) => {
    stage(repo, path, `changed in round ${round}\n`);
    return time('git', ['commit', '-q', '-m', `Round ${round}`], { cwd: repo.dir, env: repo.env });
  };
  const ms = await interleave(rounds, { ours: commitIn(ours), plain: commitIn(plain) });
  removeFolder(root);
  const label = `a human's commit, ${fileCount.toLocaleString('en')} files`;
  return row(label, { ms: ms.ours, floor: 'without us', floorMs: ms.plain, goal, rounds });
}

/** What one tool call of an agent waits for: our hook, above the time it takes to start any program. */
export async function toolHook({ quick }) {
  const rounds = quick ? 15 : 101;
  const root = makeFolder();
  const { ours } = makePair(root, 10);
  const env = { ...ours.env, ...AGENT };
  const events = turn(ours.dir, join(root, 'transcript.jsonl'), 1);
  const payload = join(root, 'payload.json');
  const measured = async (event) => {
    writeFileSync(payload, JSON.stringify(event.payload));
    const options = { cwd: ours.dir, env, stdin: payload };
    const args = ['claude-code', ...(event.look ? ['look'] : [])];
    return interleave(rounds, {
      hook: () => {
        const ms = time(spoolPath(ours), args, options);
        emptySpool(ours);
        return ms;
      },
      floor: () => time('/bin/true', [], options),
    });
  };
  const edit = await measured(events[2]);
  const look = await measured(events[4]);
  removeFolder(root);
  return [
    hookRow('a hook after an edit', edit, rounds),
    hookRow('a hook before a shell call (look)', look, rounds),
  ];
}

function hookRow(label, { hook, floor }, rounds) {
  return row(label, {
    ms: hook - floor,
    floor: '/bin/true',
    floorMs: floor,
    ratio: hook / floor,
    goal: 10,
    unit: 'ms',
    rounds,
  });
}

function emptySpool(repo) {
  const spool = join(repo.dir, '.git', 'agent-log', 'spool');
  for (const name of readdirSync(spool)) rmSync(join(spool, name));
}

/** Everything we add to an agent's commit, in empty node programs. */
export async function agentCommit({ quick }) {
  const rounds = quick ? 7 : 41;
  const root = makeFolder();
  const { plain, ours } = makePair(root, 10);
  const env = { ...ours.env, ...AGENT };
  const transcript = join(root, 'transcript.jsonl');
  const background = [];
  let n = 0;
  const ms = await interleave(rounds, {
    ours: async () => {
      n++;
      for (const event of turn(ours.dir, transcript, n)) callHook(ours, env, root, event);
      appendFileSync(transcript, transcriptLine(n));
      return commitAndBind(ours, env, n, background);
    },
    plain: async (round) => {
      stage(plain, 'file-1.txt', textOf(round + 100));
      return time('git', ['commit', '-q', '-m', `Change ${round}`], { cwd: plain.dir, env });
    },
    node: () => time(process.execPath, ['-e', ''], { cwd: root, env }),
  });
  removeFolder(root);
  const bound = median(background.slice(2));
  const floor = { floor: 'empty node', floorMs: ms.node, rounds };
  return [
    row("what an agent's commit waits for us", { ...floor, ms: ms.ours - ms.plain, goal: 2.5 }),
    row('  then, in the background: until bound', { ...floor, ms: bound }),
    row('  the same commit without us', { ...floor, ms: ms.plain }),
  ];
}

async function commitAndBind(repo, env, n, background) {
  const ref = join(repo.dir, '.git', 'refs', 'notes', 'agent-log');
  const before = mtimeOf(ref);
  stage(repo, 'file-1.txt', textOf(n));
  const ms = time('git', ['commit', '-q', '-m', `Change ${n}`], { cwd: repo.dir, env });
  const end = performance.now();
  while (mtimeOf(ref) === before) {
    if (performance.now() - end > 20_000) throw new Error(`commit ${n} was not bound within 20 s`);
    await sleep(1);
  }
  background.push(performance.now() - end);
  // What follows the note (states, the pending file, the end of the process) must not fall into the next measurement.
  const pending = join(repo.dir, '.git', 'agent-log', 'pending');
  while (readdirSync(pending).length > 0) await sleep(5);
  await sleep(60);
  return ms;
}

function mtimeOf(path) {
  return existsSync(path) ? statSync(path, { bigint: true }).mtimeNs : 0n;
}
