import { describe, expect, it } from 'vitest';
import { codeName, flagsName } from '../../../lib/cli/entry/code-name.ts';

describe('what compiled code is kept under', () => {
  it.each([
    [['list'], {}, 'list'],
    [['show', 'HEAD'], {}, 'show'],
    [['show', '01JD2M0Y5V9Z8K7Q3C4N6T1RWE'], {}, 'show-txn'],
    [['hook', 'bind', 'commit'], { CLAUDECODE: '1' }, 'hook-bind'],
    [['hook', 'prepare-commit-msg'], {}, 'hook-prepare-commit-msg'],
    [['hook', 'prepare-commit-msg'], { CLAUDECODE: '1' }, 'hook-prepare-commit-msg-claudecode'],
    [['hook', 'commit-msg'], { CLAUDECODE: '1', AGENT_LOG_TXN: '' }, 'hook-commit-msg-claudecode'],
    [['hook', 'prepare-commit-msg'], { AGENT_LOG_TXN: 'x' }, 'hook-prepare-commit-msg-agent-log-txn'],
    [['hook', '../../x'], { AI_AGENT: '../../y' }, 'hook-x'],
  ])('of %j with %j is %s', (argv, env, name) => {
    expect(codeName(argv, env)).toBe(name);
  });

  it.each([
    [undefined, [], ''],
    ['--max-old-space-size=4096  --no-warnings', [], '--max-old-space-size=4096--no-warnings'],
    [undefined, ['--stack-trace-limit=5'], '--stack-trace-limit=5'],
    ['--require /tmp/x/../y.js --import=data:a --title=../../z', [], '--require'],
    ['--a'.padEnd(300, 'a'), [], '--a'.padEnd(100, 'a')],
  ])('has of NODE_OPTIONS %j and flags %j %j', (options, flags, name) => {
    expect(flagsName(options, flags)).toBe(name);
  });
});
