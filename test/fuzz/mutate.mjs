import * as fc from 'fast-check';

/** Inputs are kept below this, so that what takes long is slow, not big. */
export const MAX_INPUT = 256 * 1024;

const BYTES = [0, 9, 10, 13, 27, 32, 34, 39, 44, 45, 47, 58, 60, 92, 123, 125, 127, 128, 192, 237, 255];
const WORDS = [
  '__proto__',
  'constructor',
  'toString',
  'null',
  '{}',
  '[]',
  '""',
  '\\u0000',
  '\ud800',
  '\u202e',
  '../../etc/passwd',
  '1e999',
  '-1',
  '9007199254740993',
  '<task-notification>',
  '\r\n',
  '\n\n',
  '%s',
  '$(id)',
];

/** Gives mutations of inputs: of bytes, of lines, of JSON's structure, and what fast-check makes of whole values. */
export function newMutator(random, seed) {
  const values = fc.sample(fc.jsonValue({ maxDepth: 5 }), { numRuns: 200, seed });
  const words = [...WORDS];
  const ways = [mutateBytes, mutateBytes, mutateLines, mutateJson, mutateJson, mutateJson, mutateJsonLine];
  return {
    /** Words a target's own inputs are made of. */
    learn(inputs) {
      for (const input of inputs)
        for (const match of input.toString('utf8', 0, 16_384).matchAll(/[\w@#-][\w.@#-]{2,40}/g))
          if (words.length < 2000) words.push(match[0]);
    },
    mutate(corpus) {
      let input = random.pick(corpus);
      for (let i = 1 + random.below(random.chance(0.2) ? 12 : 3); i > 0; i--)
        input = random.pick(ways)(input, { random, corpus, words, values });
      return input.length > MAX_INPUT ? input.subarray(0, MAX_INPUT) : input;
    },
  };
}

function mutateBytes(input, { random, corpus, words }) {
  const at = random.below(input.length + 1);
  const size = Math.min(1 + random.below(random.chance(0.2) ? 4096 : 16), input.length - at);
  const splice = (middle, cut = 0) =>
    Buffer.concat([input.subarray(0, at), middle, input.subarray(at + cut)]);
  const part = input.subarray(at, at + size);
  switch (random.below(7)) {
    case 0:
      return splice(Buffer.from([random.pick(BYTES)]), 1);
    case 1:
      return splice(Buffer.alloc(0), size);
    case 2:
      return splice(Buffer.from(random.pick(words)), random.chance(0.5) ? size : 0);
    case 3:
      return splice(Buffer.concat(Array(1 + random.below(random.chance(0.1) ? 5000 : 8)).fill(part)));
    case 4: {
      const other = random.pick(corpus);
      const from = random.below(other.length + 1);
      return splice(other.subarray(from, from + random.below(2048)));
    }
    case 5:
      return input.subarray(0, at);
    default:
      return splice(Buffer.from([random.below(256)]));
  }
}

function mutateLines(input, { random, corpus }) {
  const lines = input.toString('latin1').split('\n');
  const other = random.pick(corpus).toString('latin1').split('\n');
  const at = random.below(lines.length);
  switch (random.below(5)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(at, 0, random.pick(other));
      break;
    case 2:
      lines.splice(at, 0, ...Array(repeats(random.below(200), lines[at])).fill(lines[at]));
      break;
    case 3:
      lines[at] = lines[random.below(lines.length)];
      break;
    default:
      lines[at] = ' '.repeat(random.below(8)) + lines[at];
  }
  return Buffer.from(lines.join('\n'), 'latin1');
}

/** As often as there is room for: a long line would grow beyond what a string can hold. */
function repeats(times, line) {
  return Math.min(times, Math.floor(MAX_INPUT / (line.length + 1)));
}

function mutateJson(input, tools) {
  const value = parse(input.toString('utf8'));
  return value === undefined ? mutateBytes(input, tools) : Buffer.from(write(changed(value, tools)));
}

/** For files of a JSON object a line. */
function mutateJsonLine(input, tools) {
  const lines = input.toString('utf8').split('\n');
  const at = tools.random.below(lines.length);
  const value = parse(lines[at]);
  if (value === undefined) return mutateLines(input, tools);
  lines[at] = write(changed(value, tools));
  return Buffer.from(lines.join('\n'));
}

/** One place of a value, anywhere in it, changed. */
function changed(value, tools) {
  const { random } = tools;
  if (typeof value === 'object' && value !== null && random.chance(0.8)) {
    const entries = Array.isArray(value) ? value.map((item, i) => [i, item]) : Object.entries(value);
    if (entries.length > 0) {
      const [key] = random.pick(entries);
      return withEntry(value, key, tools);
    }
  }
  return other(value, tools);
}

function withEntry(value, key, tools) {
  const { random, words } = tools;
  const copy = Array.isArray(value) ? [...value] : new Map(Object.entries(value));
  const get = Array.isArray(copy) ? copy[key] : copy.get(key);
  const way = random.below(8);
  if (Array.isArray(copy)) {
    if (way === 0) copy.splice(key, 1);
    else if (way === 1) copy.splice(key, 0, ...Array(random.below(50)).fill(get));
    else copy[key] = changed(get, tools);
    return copy;
  }
  if (way === 0) copy.delete(key);
  else if (way === 1) copy.set(random.pick(words), get);
  else if (way === 2) copy.set(random.pick([...copy.keys()]), get);
  else copy.set(key, changed(get, tools));
  return Object.fromEntries(copy);
}

function other(value, { random, words, values, corpus }) {
  switch (random.below(9)) {
    case 0:
      return random.pick(values);
    case 1:
      return random.pick(words);
    case 2:
      return random.pick([null, true, 0, -1, 1e308, 2 ** 53, '', [], {}]);
    case 3:
      return [value];
    case 4:
      return { [random.pick(words)]: value };
    case 5:
      return 'x'.repeat(random.below(5000));
    case 6:
      return nested(value, random.below(random.chance(0.25) ? 20_000 : 200), random.chance(0.5));
    case 7:
      return typeof value === 'string'
        ? value + random.pick(words)
        : JSON.stringify(value?.[DEEP] ? 0 : value);
    default:
      return parse(random.pick(corpus).toString('utf8')) ?? value;
  }
}

/** Deep values are text from here on: writing them would overflow the stack of whoever writes. */
const DEEP = Symbol('deep');

function nested(value, depth, list) {
  const inner = JSON.stringify(value?.[DEEP] ? null : value) ?? 'null';
  return {
    [DEEP]: list
      ? '['.repeat(depth) + inner + ']'.repeat(depth)
      : '{"a":'.repeat(depth) + inner + '}'.repeat(depth),
  };
}

function write(value) {
  const deep = [];
  // A value that was deep when it was read can't be written: its text is what it was.
  if (depthOf(value) > 1000) return '[]';
  const text = JSON.stringify(value, (_key, item) =>
    item?.[DEEP] ? `@deep${deep.push(item[DEEP]) - 1}@` : item,
  );
  return (text ?? 'null').replace(/"@deep(\d+)@"/g, (_all, i) => deep[Number(i)] ?? 'null');
}

function depthOf(value) {
  let depth = 0;
  for (let level = [value]; level.length > 0 && depth <= 1000; depth++)
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null && !item?.[DEEP] ? Object.values(item) : [],
    );
  return depth;
}

function parse(text) {
  try {
    const value = JSON.parse(text);
    // What is too deep to be written again is left to mutations of bytes.
    return depthOf(value) > 500 ? undefined : value;
  } catch {
    return undefined;
  }
}
