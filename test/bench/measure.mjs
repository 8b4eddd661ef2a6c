import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** Runs a program to its end and gives the milliseconds it took. Throws unless it exits with 0 (or a code in `ok`). */
export function time(program, args, { cwd, env, stdin = null, ok = [0] }) {
  const input = stdin === null ? 'ignore' : openSync(stdin, 'r');
  const begin = performance.now();
  const { status, error, stderr } = spawnSync(program, args, { cwd, env, stdio: [input, 'ignore', 'pipe'] });
  const ms = performance.now() - begin;
  if (stdin !== null) closeSync(input);
  if (error) throw error;
  if (!ok.includes(status)) throw new Error(`${program} ${args.join(' ')} exited with ${status}: ${stderr}`);
  return ms;
}

/**
 * Measures several things in turn, A B A B …, in the other order every other round, so that what else the machine does
 * falls on all of them alike. `things` maps a name to a function that gives milliseconds. Gives the median of each.
 */
export async function interleave(rounds, things, warmUp = 2) {
  const names = Object.keys(things);
  const samples = new Map(names.map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    const order = round % 2 === 0 ? names : [...names].reverse();
    for (const name of order) {
      const ms = await things[name](round);
      if (round >= 0) samples.get(name).push(ms);
    }
  }
  return Object.fromEntries([...samples].map(([name, values]) => [name, median(values)]));
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A figure that has a goal. `ratio` is what counts; with `unit: 'ms'` the goal is on `ms`. */
export function row(label, { ms, floor, floorMs, ratio = ms / floorMs, goal = null, unit = 'x', rounds }) {
  const value = unit === 'ms' ? ms : ratio;
  const verdict = goal === null ? 'information' : value <= goal ? 'met' : 'missed';
  return { label, ms, floor, floorMs, ratio, goal, unit, verdict, rounds };
}
