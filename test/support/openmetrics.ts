/** A family of metrics; the labels of a sample are `name=value`, sorted, separated by commas. */
export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly samples: readonly { readonly name: string; readonly labels: string; readonly value: number }[];
}

type Draft = { name: string; type: string; samples: { name: string; labels: string; value: number }[] };

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  gauge: [''],
  counter: ['_total'],
  histogram: ['_bucket', '_count', '_sum'],
};

/** Reads OpenMetrics 1.0 text as strictly as its specification has it, as far as gauges, counters and histograms go. */
export function parseOpenMetrics(text: string): readonly MetricFamily[] {
  if (!text.endsWith('# EOF\n')) throw new Error('no end');
  const families = new Map<string, Draft>();
  let family: Draft | null = null;
  for (const line of text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1)) {
    const [, kind, name = '', rest = ''] = /^# (TYPE|UNIT|HELP) ([a-z_:][a-z0-9_:]*) (.+)$/.exec(line) ?? [];
    if (kind === 'TYPE') {
      if (families.has(name)) throw new Error(`twice: ${name}`);
      if (SUFFIXES[rest] === undefined) throw new Error(`no type: ${rest}`);
      families.set(name, (family = { name, type: rest, samples: [] }));
    } else if (kind !== undefined) {
      if (family?.name !== name || family.samples.length > 0) throw new Error(`out of place: ${line}`);
      if (kind === 'UNIT' && !name.endsWith(`_${rest}`))
        throw new Error(`its unit is not in its name: ${name}`);
      if (kind === 'HELP' && /(?<!\\)"/.test(rest)) throw new Error(`a bare quote: ${line}`);
    } else addSample(family, line);
  }
  for (const one of families.values()) if (one.type === 'histogram') checkHistogram(one);
  return [...families.values()];
}

function addSample(family: Draft | null, line: string): void {
  const match = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? ([-+0-9.eE]+)$/.exec(line);
  const [, name = '', inside, number = ''] = match ?? [];
  if (family === null || match === null) throw new Error(`no sample: ${line}`);
  if (!SUFFIXES[family.type]?.some((suffix) => name === family.name + suffix))
    throw new Error(`${name} is no ${family.type} of ${family.name}`);
  const labels = inside === undefined ? '' : labelsIn(inside);
  if (family.samples.some((one) => one.name === name && one.labels === labels))
    throw new Error(`twice: ${line}`);
  const value = Number(number);
  if (Number.isNaN(value) || (family.type === 'counter' && value < 0)) throw new Error(`no number: ${line}`);
  family.samples.push({ name, labels, value });
}

function labelsIn(text: string): string {
  const pattern = /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(,|$)/gy;
  const found: string[] = [];
  for (let end = 0; end < text.length; end = pattern.lastIndex) {
    const match = pattern.exec(text);
    if (match === null) throw new Error(`no labels: ${text}`);
    found.push(`${match[1]}=${match[2]}`);
  }
  return found.sort((a, b) => (a < b ? -1 : 1)).join(',');
}

function checkHistogram({ name, samples }: Draft): void {
  const buckets = samples.filter((one) => one.name === `${name}_bucket`);
  const limits = buckets.map(({ labels }) =>
    labels === 'le=+Inf' ? Number.POSITIVE_INFINITY : Number(labels.slice(3)),
  );
  const rises = (numbers: readonly number[]): boolean =>
    numbers.every((n, i) => i === 0 || (numbers[i - 1] ?? 0) <= n);
  const total = samples.find((one) => one.name === `${name}_count`)?.value;
  if (limits.at(-1) !== Number.POSITIVE_INFINITY) throw new Error('no bucket for all');
  if (!rises(limits) || !rises(buckets.map(({ value }) => value))) throw new Error('buckets that fall');
  if (buckets.at(-1)?.value !== total) throw new Error('a count that is not that of all');
}
