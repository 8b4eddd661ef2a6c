import { execFileSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { compileLess } from '../../../lib/cli/entry/short-run.ts';

vi.mock('node:v8', () => ({ setFlagsFromString: vi.fn() }));

const versions = Object.getOwnPropertyDescriptor(process, 'versions') as PropertyDescriptor;

beforeEach(() => vi.mocked(setFlagsFromString).mockClear());
afterEach(() => Object.defineProperty(process, 'versions', versions));

it.each([
  ['11.3.244.8-node.33', 1],
  ['12.4.254.21-node.33', 0],
  ['13.6.233.10-node.18', 0],
  ['10.2.154.26-node.36', 0],
  ['14.1.146.11', 0],
])('tells V8 %s only what it knows', (v8, times) => {
  Object.defineProperty(process, 'versions', { ...versions, value: { ...process.versions, v8 } });
  compileLess();
  expect(setFlagsFromString).toHaveBeenCalledTimes(times);
});

it('is known to the V8 of this Node: one that does not know it says so on stderr', ({ skip }) => {
  compileLess();
  const [flag] = vi.mocked(setFlagsFromString).mock.calls[0] ?? [];
  if (flag === undefined) return skip('this one is told nothing');
  const program = `require('node:v8').setFlagsFromString(${JSON.stringify(flag)})`;
  const said = execFileSync('sh', ['-c', '"$@" 2>&1', 'sh', process.execPath, '-e', program]);
  expect(said.toString()).toBe('');
});
