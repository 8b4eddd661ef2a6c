import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WhyDocument } from '../../lib/oversight/why-document.ts';
import { makeRepo, type TestRepo, writeScript } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

const LINES = 50_000;
const COMMITS = 200;

let repo: TestRepo;

/** A file of 50,000 lines that 200 commits of four people and an agent wrote, imported at once. */
beforeAll(async () => {
  repo = await makeRepo({ firstCommit: false });
  const lines = Array.from({ length: LINES }, (_, i) => `line ${i}\n`);
  const parts: string[] = [];
  for (let n = 0; n < COMMITS; n++) {
    for (let i = n; i < LINES; i += COMMITS) lines[i] = `line ${i}, changed by ${n}\n`;
    const content = lines.join('');
    const message = `Change ${n}\n${n % 5 === 0 ? '\nCo-authored-by: Codex <noreply@openai.com>\n' : ''}`;
    parts.push(
      `commit refs/heads/main\ncommitter Person ${n % 4} <p${n % 4}@example.com> ${1767225600 + n} +0000\n`,
      `data ${Buffer.byteLength(message)}\n${message}\n`,
      `M 100644 inline big.txt\ndata ${Buffer.byteLength(content)}\n${content}\n`,
    );
  }
  const stream = repo.path('../stream');
  await writeFile(stream, parts.join(''));
  await repo.exec('sh', ['-c', `git fast-import --quiet < ${stream} && git reset -q --hard`]);
});

afterAll(() => repo.remove());

test('a file of 50,000 lines is traced by one blame, every line once', async () => {
  const calls = repo.path('../calls');
  await writeScript(
    repo.path('../bin/git'),
    `#!/bin/sh\nprintf '%s\\n' "$*" >> '${calls}'\nPATH=\${PATH#*:} exec git "$@"\n`,
  );
  const env = { PATH: `${repo.path('../bin')}:${repo.env['PATH']}` };
  const { stdout, code, stderr } = await repo.run(['why', 'big.txt', '--json'], { env });
  expect(stderr).toBe('');
  expect(code).toBe(1);
  const document = JSON.parse(stdout) as WhyDocument;
  expect(schemaProblems(document)).toEqual([]);
  const runs = document.groups.flatMap((group) => group.runs).sort((a, b) => a.from - b.from);
  expect(runs[0]?.from).toBe(1);
  expect(runs.every((run, i) => i === 0 || run.from === (runs[i - 1]?.to ?? 0) + 1)).toBe(true);
  expect(runs.at(-1)?.to).toBe(LINES);
  expect(document.groups).toHaveLength(8);
  expect(document.groups.flatMap(({ commits }) => commits)).toHaveLength(COMMITS);
  const started = (await repo.read('../calls')).trim().split('\n');
  expect(started.filter((call) => call.includes('blame'))).toHaveLength(1);
  expect(started.length).toBeLessThan(20);
});

test('the story has the texts where they are, and says so where they are not', async () => {
  await repo.run(['init', '--agents', 'none']);
  const edit = 'printf "the end\\n" >> big.txt; git commit -q -a -m "Add an end"';
  await repo.run(['run', '--task', 'Add an end to it', '--agent', 'my-agent', '--', 'sh', '-c', edit]);
  const here = await repo.run(['why', `big.txt:${LINES + 1}`]);
  expect(here.code).toBe(0);
  expect(here.stdout).toContain('Add an end to it');
  expect(here.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  await repo.git('clone', '-q', '.', '../clone');
  await repo.tryGit(['fetch', '-q', 'origin', 'refs/notes/agent-log:refs/notes/agent-log'], {
    cwd: repo.path('../clone'),
  });
  const there = await repo.run(['why', `big.txt:${LINES + 1}`], { cwd: repo.path('../clone') });
  expect(there.code).toBe(0);
  expect(there.stdout).toContain('(the text is not in this clone; hmac-sha256:');
  expect(there.stdout).not.toContain('Add an end to it');
});
