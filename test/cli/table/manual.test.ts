import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { agentsPage, manPage, reference, revertManPage } from '../../../lib/cli/table/manual.ts';
import { COMMANDS } from '../../../lib/cli/table/table.ts';

const page = (name: string): Promise<string> =>
  readFile(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

test('the man page is what the command table says (npm run docs writes it)', async () => {
  expect(await page('man/git-agent-log.1')).toBe(manPage());
  expect(await page('man/git-agent-revert.1')).toBe(revertManPage());
});

test('the command reference is what the command table says (npm run docs writes it)', async () => {
  expect(await page('reference.md')).toBe(reference());
});

test('the page about agents is what their adapters say (npm run docs writes it)', async () => {
  expect(await page('agents.md')).toBe(agentsPage());
});

test.each(COMMANDS.map(({ name }) => name))('%s has a summary, a description and an example', (name) => {
  const spec = COMMANDS.find((command) => command.name === name);
  expect(spec?.summary).toMatch(/^[a-z].*[^.]$/);
  expect(spec?.description.join(' ')).toMatch(/\.$/);
  expect(spec?.examples.every((example) => example.startsWith(`git agent-log ${name}`))).toBe(true);
});
