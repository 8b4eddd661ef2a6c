import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attestationLines } from '../../../lib/evidence/attest/lines.ts';
import { evidenceDocument } from '../../support/evidence.ts';
import { storedExecution } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
beforeAll(async () => {
  repo = await makeRepo();
  await repo.exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', repo.path('key')]);
});
afterAll(() => repo.remove());

/** The steps docs/formats.md gives, with node in the place of jq. */
function steps(): string {
  const text = readFileSync(new URL('../../../docs/formats.md', import.meta.url), 'utf8');
  const block = /```sh\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  return block.replaceAll(
    /jq -j '(\.[^']+)' line\.json/g,
    `node -e 'process.stdout.write(JSON.parse(require("fs").readFileSync("line.json"))$1)'`,
  );
}

test('the steps of the documentation verify a signed line with ssh-keygen alone, and fail when a byte differs', async () => {
  const sign = async (bytes: Uint8Array, namespace: string): Promise<string> => {
    const args = ['-Y', 'sign', '-q', '-n', namespace, '-f', repo.path('key')];
    return (await repo.exec('ssh-keygen', args, { input: Buffer.from(bytes) })).stdout;
  };
  const stored = storedExecution({ task: null, reason: null });
  const answer = { document: evidenceDocument(), notes: [{ bytes: Buffer.from(`${stored.line}\n`) }] };
  const [line = ''] = await attestationLines(answer, sign);
  await repo.write('line.json', line);
  await repo.write('allowed_signers', `jane@example.com ${await repo.read('key.pub')}`);
  const { code, stdout } = await repo.exec('sh', ['-ec', steps()]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^Good "dsse@git-agent-log" signature for jane/)]);
  const { payload } = JSON.parse(line) as { payload: string };
  const other = Buffer.from(payload, 'base64').toString('utf8').replace('"seq":1', '"seq":2');
  await repo.write('line.json', line.replace(payload, Buffer.from(other).toString('base64')));
  expect((await repo.exec('sh', ['-ec', steps()])).code).not.toBe(0);
});
