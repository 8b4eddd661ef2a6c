import { expect, it } from 'vitest';
import { parseConfig } from '../../../lib/git/repository/config.ts';
import { regenerateRules, ruleFor, settingFor } from '../../../lib/revert/kinds/regenerate-rules.ts';

const rules = regenerateRules(
  parseConfig(
    [
      'agentlog.package-lock.json.regenerate\nnpm i',
      'agentlog.src/gen/**.regenerate\nmake gen',
      'agentlog.*.pb.go.regenerate\nmake proto',
      'agentlog.vendor/package-lock.json.regenerate\n',
      'agentlog.revertverify\nnpm test',
      'other.x.regenerate\nrm -rf /',
    ].join('\0'),
  ),
);

it('a pattern without a slash is a name in any folder, one with a slash a path from the top', () => {
  const command = (path: string): string | null => ruleFor(rules, path)?.command ?? null;
  expect(command('package-lock.json')).toBe('npm i');
  expect(command('a/b/package-lock.json')).toBe('npm i');
  expect(command('xpackage-lock.json')).toBeNull();
  expect(command('src/gen/a/b.ts')).toBe('make gen');
  expect(command('lib/src/gen/a.ts')).toBeNull();
  expect(command('api/v1.pb.go')).toBe('make proto');
  expect(command('api/v1.pb.go/other')).toBeNull();
});

it('of several rules the last counts, and an empty command switches off', () => {
  expect(ruleFor(rules, 'vendor/package-lock.json')).toBeNull();
});

it('only settings of ours are rules', () => {
  expect(rules.map(({ pattern }) => pattern)).toEqual([
    'package-lock.json',
    'src/gen/**',
    '*.pb.go',
    'vendor/package-lock.json',
  ]);
});

it('the setting it names can be pasted into a shell, whatever a file is called', () => {
  expect(settingFor('a/Cargo.lock')).toBe(
    "git config agentLog.Cargo.lock.regenerate 'cargo update --workspace'",
  );
  expect(settingFor("it's $(evil).ts")).toBe(
    "git config 'agentLog.it'\\''s $(evil).ts.regenerate' '<command>'",
  );
});
