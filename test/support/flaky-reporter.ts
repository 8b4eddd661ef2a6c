import type { TestModule } from 'vitest/node';
import type { Reporter } from 'vitest/reporters';

/** Names, at the end of a run, every test that passed only when it was tried again: each is a race to be found. */
export default class FlakyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const flaky = modules.flatMap(({ children, relativeModuleId }) =>
      [...children.allTests()]
        .filter((test) => test.diagnostic()?.flaky === true)
        .map((test) => `  ${relativeModuleId}: ${test.fullName}`),
    );
    if (flaky.length > 0)
      console.log(`Passed only when tried again (${flaky.length}):\n${flaky.join('\n')}\n`);
  }
}
