import { AgentLogError } from '../../../dist/core/errors.js';

/** Targets with a bug each, so that a test can see the harness find it. Not among those that are run. */
const run = {
  crash: (text) => {
    if (text.startsWith('{') && text.includes('__proto__')) throw new TypeError('planted');
  },
  hang: (text) => {
    if (text.includes('\\u0000')) for (;;);
  },
  memory: (text) => {
    const kept = [];
    if (text.includes('null')) for (;;) kept.push(Array(100_000).fill(text));
  },
  refusal: (text) => {
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `no: ${text.length}`);
  },
};

export const selfTargets = Object.entries(run).map(([name, check]) => ({
  name: `self:${name}`,
  seeds: async () => [Buffer.from('{"a":[1,"b"]}')],
  run: (bytes) => check(bytes.toString('utf8')),
}));
