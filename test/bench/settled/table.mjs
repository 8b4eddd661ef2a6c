/** Counts what became of each transaction, way by way, and tells it as it goes. */
export class Table {
  constructor(show, expected) {
    Object.assign(this, { show, expected, rows: [], tally: new Map(), reasons: new Map() });
  }

  add({ task, commits, txn, ms, why, ways }) {
    this.rows.push(ms);
    for (const { name, tree, isRight, builds } of ways) {
      const score = this.tally.get(name) ?? { tree: 0, builds: 0, settled: 0, wrong: 0 };
      this.tally.set(name, score);
      if (tree === null) continue;
      score.tree++;
      if (builds) score.builds++;
      if (isRight && builds) score.settled++;
      if (!isRight) score.wrong++;
    }
    for (const one of new Set(why)) this.reasons.set(one, (this.reasons.get(one) ?? 0) + 1);
    const letters = ways.map(({ tree, isRight, builds }) => letterOf(tree, isRight, builds)).join('');
    const seconds = (ms / 1000).toFixed(1).padStart(5);
    const place = `${this.rows.length}/${this.expected}`.padStart(7);
    console.error(
      `${place}  task ${String(task).padEnd(4)} ${String(commits).padStart(2)} commits ${seconds} s  ${letters}  ${why.join('; ')}`,
    );
    for (const { name, isRight, verdict } of this.show ? ways : [])
      if (verdict !== null && !isRight)
        console.error(`  wrong: ${name.trim()} (${txn}) ${JSON.stringify(verdict)}`);
  }

  print() {
    const n = this.rows.length;
    const percent = (count) => `${((100 * count) / n).toFixed(0).padStart(5)} %`;
    console.log(`${''.padEnd(42)}   tree  builds settled  wrong`);
    for (const [name, { tree, builds, settled, wrong }] of this.tally)
      console.log(
        `${name.padEnd(42)}${percent(tree)}${percent(builds)}${percent(settled)}${String(wrong).padStart(6)}`,
      );
    const sorted = [...this.rows].sort((a, b) => a - b);
    const mean = sorted.reduce((sum, ms) => sum + ms, 0) / n;
    console.log(
      `planning: mean ${(mean / 1000).toFixed(2)} s, p90 ${(sorted[Math.floor(0.9 * n)] / 1000).toFixed(2)} s`,
    );
    if (this.reasons.size > 0) console.log('why not, of those not settled with up to 20 dependants:');
    for (const [reason, count] of [...this.reasons].sort((a, b) => b[1] - a[1]))
      console.log(`${String(count).padStart(5)}  ${reason}`);
  }
}

/** `+` settled, `b` right but broken, `!` wrong, `-` no tree. */
function letterOf(tree, isRight, builds) {
  if (tree === null) return '-';
  if (!isRight) return '!';
  return builds ? '+' : 'b';
}
