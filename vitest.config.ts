import { defineConfig } from 'vitest/config';

const shared = {
  environment: 'node',
  testTimeout: 30_000,
  hookTimeout: 60_000,
  pool: 'forks',
  maxWorkers: 2,
  // Real processes race, on machines that are busy: who passes only the second time is named at the end.
  retry: 1,
} as const;

export default defineConfig({
  test: {
    reporters: ['default', './test/support/flaky-reporter.ts'],
    projects: [
      {
        test: {
          ...shared,
          name: 'fast',
          // No test of it changes what another one reads: modules loaded once do, in half the time.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/**/*.slow.test.ts'],
        },
      },
      // Real git. What its hooks start in the background is at work beside it, as in the e2e suites.
      {
        test: {
          ...shared,
          name: 'slow',
          include: ['test/**/*.slow.test.ts'],
          testTimeout: 240_000,
        },
      },
      // Real agents, real servers, processes that are killed: one file at a time, so that none starves another.
      {
        test: {
          ...shared,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
