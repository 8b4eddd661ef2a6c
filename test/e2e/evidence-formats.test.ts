import { expect, it } from 'vitest';
import { type Envelope, parseEnvelope, signersOf } from '../../lib/core/dsse.ts';
import type { Statement } from '../../lib/evidence/attest/statement.ts';
import { sshEnvelopeKey } from '../../lib/identity/signatures/envelope-key.ts';
import { parsePublicKey } from '../../lib/identity/signatures/public-key.ts';
import { bundleOf, landedChange } from '../support/bundles.ts';
import { MR_URL, makeBank } from '../support/merge-request.ts';
import { problemsByFixture, problemsOfStatement } from '../support/published-formats.ts';
import { schemaProblems } from '../support/schema.ts';

function envelopesIn(bytes: Buffer | undefined): Envelope[] {
  const lines = (bytes?.toString('utf8') ?? '').split('\n').filter(Boolean);
  return lines.map((line) => {
    const read = parseEnvelope(line);
    if (typeof read === 'string') throw new Error(read);
    return read;
  });
}

const statementOf = ({ payload }: Envelope): Statement => JSON.parse(payload.toString('utf8')) as Statement;
const typeOf = (envelope: Envelope): string => statementOf(envelope).predicateType;

it('a signed bundle has attestations by its maker’s key, approvals that are nobody’s but the approver’s, and the control map', async () => {
  const bank = await makeBank();
  await landedChange(bank);
  const { repo } = bank.john;
  const files = await bundleOf(repo, [MR_URL, '--sign'], 'signed.zip');
  const envelopes = envelopesIn(files.get('attestations.intoto.jsonl'));
  expect(envelopes.map(statementOf).flatMap(problemsOfStatement)).toEqual([]);
  const lines = (files.get('attestations.intoto.jsonl')?.toString('utf8') ?? '').split('\n').filter(Boolean);
  const problems = problemsByFixture('in-toto/envelope.json');
  expect(lines.flatMap((line) => problems(JSON.parse(line)))).toEqual([]);
  const types = new Set(envelopes.map(typeOf));
  expect([...types]).toEqual(
    expect.arrayContaining([
      'pkg:npm/git-agent-log#schemas/predicate-execution-v1.json',
      'https://in-toto.io/attestation/svr/v0.2',
      'https://slsa.dev/verification_summary/v1',
      'https://gittuf.dev/reference-authorization/v0.2',
    ]),
  );
  const path = await repo.git('config', 'user.signingkey');
  const { stdout } = await repo.exec('ssh-keygen', ['-y', '-f', path]);
  const key = sshEnvelopeKey(parsePublicKey(stdout.trim())?.text ?? '');
  for (const one of envelopes) {
    const isApproval = typeOf(one).startsWith('https://gittuf.dev/');
    expect(signersOf(one, [key]).size).toBe(isApproval ? 0 : 1);
    expect(one.signatures).toHaveLength(isApproval ? 0 : 1);
  }
  const controls = JSON.parse(files.get('controls.json')?.toString('utf8') ?? '{}') as {
    controls: { control: string; presence: string }[];
  };
  expect(schemaProblems(controls)).toEqual([]);
  expect(controls.controls.find(({ control }) => control === '800-53 AU-9')?.presence).toBe('present');
  expect((await repo.run(['verify', repo.path('../signed.zip')])).code).toBe(0);
});
