import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EventRecord, encodeRecord } from '../../lib/core/records/record.ts';
import { newUlid } from '../../lib/core/ulid.ts';
import { anchorOf } from '../../lib/ledger/told/anchor.ts';
import { manifestIn, unzipped } from '../support/bundles.ts';
import { makeRepo, type Outcome, repoAt, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

let repo: TestRepo;
beforeEach(async () => {
  repo = await makeRepo();
});
afterEach(() => repo.remove());

const JOHN = {
  env: { GIT_COMMITTER_NAME: 'John Roe', GIT_COMMITTER_EMAIL: 'john@example.com' },
};

/** What a command says of one thing; it meets its schema. */
async function told(args: readonly string[], options: object = {}): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await repo.run([...args, '--json'], options);
  expect([code, stderr.replace(/^hint:.*\n/gm, '')], args.join(' ')).toEqual([0, '']);
  const document = JSON.parse(stdout) as Record<string, unknown>;
  expect(schemaProblems(document)).toEqual([]);
  return document;
}

async function opened(type = 'identity-unclear'): Promise<string> {
  const { id } = await told(['exception', 'open', '--type', type, '--commit', 'HEAD', '-m', 'who was it?']);
  return id as string;
}

function refusal({ code, stderr }: Outcome, expected = 1): string {
  expect(code).toBe(expected);
  expect(stderr).toMatch(/\nhint: \S/);
  return stderr.split('\n')[0] ?? '';
}

test('an exception goes from open to closed with evidence, and back with a cause', async () => {
  const id = await opened();
  expect(await opened()).toBe(id);
  const short = id.slice(0, 8);
  const owner = ['--owner', 'John Roe <john@example.com>', '--due', '2026-01-02', '--severity', 'high'];
  expect(await told(['exception', 'triage', short, ...owner])).toMatchObject({
    state: 'triaged',
    severity: 'high',
    overdue: true,
    owner: { name: 'John Roe', email: 'john@example.com' },
  });
  await told(['exception', 'comment', short, '-m', 'looking']);
  expect((await told(['exception', 'link', short, 'https://example.com/1']))['state']).toBe('in-progress');
  expect(refusal(await repo.run(['exception', 'close', short]))).toContain('needs evidence');
  const submitted = await told(['exception', 'submit', short, '--evidence', 'HEAD']);
  expect(submitted['evidence']).toEqual([await repo.git('rev-parse', 'HEAD')]);
  expect(await told(['exception', 'close', short])).toMatchObject({
    state: 'closed',
    resolution: 'resolved',
  });
  expect((await repo.run(['exception', 'list'])).stdout).toBe('No exceptions.\n');
  expect((await repo.run(['exception', 'list', '--open'])).stdout).toBe('No exceptions.\n');
  expect((await repo.run(['exception', 'list', '--all'])).stdout).toContain(short);
  expect(refusal(await repo.run(['exception', 'list', '--all', '--open']), 2)).toContain('leaves out');
  expect(await told(['exception', 'reopen', short, '--cause', 'audit-follow-up'])).toMatchObject({
    state: 'reopened',
    closings: [{ resolution: 'resolved', reopened: { cause: 'audit-follow-up' } }],
  });
  const shown = await told(['exception', 'show', short]);
  expect((shown['steps'] as { event: string }[]).map(({ event }) => event.split('.')[1])).toEqual([
    'opened',
    'triaged',
    'commented',
    'linked',
    'evidence-submitted',
    'closed',
    'reopened',
  ]);
  expect((await repo.run(['exception', 'show', short])).stdout).toContain(
    'reopened (was resolved, then audit-follow-up)',
  );
});

test('the list fits 80 columns, is filtered, and has the worst first', async () => {
  await opened();
  await opened('record-invalid');
  const { stdout } = await repo.run(['exception']);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.length <= 80)).toEqual([true, true, true]);
  expect(lines[1]).toMatch(/^[0-9a-f]{8} {2}record-invalid {6}critical {2}open /);
  const count = async (...flags: string[]): Promise<number> =>
    (await repo.run(['exception', 'list', '--json', ...flags])).stdout.split('\n').length - 1;
  expect(await count('--severity', 'critical,low')).toBe(1);
  expect(await count('--type', 'identity-unclear')).toBe(1);
  expect(await count('--overdue')).toBe(0);
  expect(await count('--mr', 'https://example.com/1')).toBe(0);
  expect(await count('--txn', '01JD2M0Y5V9Z8K7Q3C4N6T1RWE')).toBe(0);
  expect(await count('--open')).toBe(2);
});

test('a waiver takes a second person, and an exception is closed for one that is active', async () => {
  const id = (await opened()).slice(0, 8);
  const ask = ['exception', 'waive', id, '-m', 'the vendor mends it', '--until'];
  expect(refusal(await repo.run([...ask, '2099-01-01']), 2)).toContain('a waiver ends');
  const soon = new Date(Date.now() + 30 * 24 * 60 * 60 * 1000).toISOString();
  const waiver = (await told([...ask, soon]))['id'] as string;
  const approve = ['exception', 'approve-waiver', waiver];
  expect(refusal(await repo.run(approve))).toContain('a second person');
  const close = ['exception', 'close', id, '--resolution', 'waived', '--link', waiver.slice(0, 12)];
  expect(refusal(await repo.run(close))).toContain('it is requested');
  expect(await told(approve, JOHN)).toMatchObject({ state: 'active', approvedBy: { name: 'John Roe' } });
  expect(await told(close)).toMatchObject({ state: 'closed', resolution: 'waived', waivers: [waiver] });
  expect((await told(['exception', 'revoke-waiver', waiver]))['state']).toBe('revoked');
  expect((await repo.run(['exception', 'waivers'])).stdout).toContain('revoked');
});

/** Puts a line into the ledger as anybody can who may write there. */
async function forged(waiver: string, more: Partial<EventRecord>): Promise<void> {
  const { line } = encodeRecord({
    schema: 'agent-log/event/v1',
    id: newUlid(0),
    event: 'waiver.requested',
    of: waiver,
    txn: null,
    by: { name: 'Jane Doe', email: 'jane@example.com' },
    recordedAt: '2020-01-01T00:00:00.000Z',
    ...more,
  });
  const object = anchorOf({ format: 'sha1' }, 'waiver', waiver);
  await repo.git('notes', '--ref=agent-log', 'append', '-m', line, object);
}

interface WaiverTold {
  readonly id: string;
  readonly state: string;
  readonly steps: readonly { readonly id: string; readonly event: string }[];
  readonly anomalies: readonly { readonly why: string }[];
}

test('attack: a line with the id of a revocation does not revive a waiver, nor does another request take its place', async () => {
  const until = new Date(Date.now() + 30 * 24 * 60 * 60 * 1000).toISOString();
  const ask = ['exception', 'waive', '--rule', 'deps', '--path', 'a/**', '-m', 'x', '--until', until];
  const ended = (await told(ask))['id'] as string;
  await told(['exception', 'approve-waiver', ended], JOHN);
  const revoked = (await told(['exception', 'revoke-waiver', ended])) as unknown as WaiverTold;
  await forged(ended, { id: revoked.steps[2]?.id ?? '' });
  const widened = (await told(ask))['id'] as string;
  await told(['exception', 'approve-waiver', widened], JOHN);
  const soon = new Date(Date.now() - 60_000);
  const until90 = new Date(soon.getTime() + 89 * 24 * 60 * 60 * 1000).toISOString();
  await forged(widened, { rule: 'deps', text: 'x', until: until90, recordedAt: soon.toISOString() });
  const { stdout } = await repo.run(['exception', 'waivers', '--json']);
  const waivers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as WaiverTold);
  const now = waivers.map(({ id, state, anomalies }) => [id, state, anomalies.map(({ why }) => why)]);
  expect(now).toEqual([
    [widened, 'requested', ['known-already', 'other-request']],
    [ended, 'revoked', ['needs-reason']],
  ]);
  expect((await repo.run(['exception', 'waivers'])).stdout).toMatch(/requested .* 2 steps fit nowhere/);
});

test('the clock of a request runs until the first yes', async () => {
  const asked = await told([
    'evidence',
    'request',
    'HEAD',
    '--question',
    'Who approved this?',
    '--due',
    '2026-01-02',
  ]);
  expect(asked).toMatchObject({ state: 'requested', overdue: true, acceptedAt: null });
  const id = asked['id'] as string;
  expect(refusal(await repo.run(['evidence', 'reject', id]), 2)).toContain('needs a reason');
  expect(await told(['evidence', 'reject', id, '-m', 'not that'])).toMatchObject({
    rejections: 1,
    acceptedAt: null,
  });
  expect(await told(['evidence', 'accept', id])).toMatchObject({ state: 'accepted', overdue: false });
  expect(refusal(await repo.run(['evidence', 'accept', id]))).toContain('decided already');
  expect((await repo.run(['evidence', 'requests'])).stdout).toMatch(
    /^\S{12} {2}accepted\? .*Who approved this\?\n$/,
  );
});

test('a request is answered with a bundle of what it asks for, whose digest is on record', async () => {
  const { id } = await told(['evidence', 'request', 'HEAD', '--question', 'What was checked?']);
  await repo.commit('Later', { 'later.txt': 'x\n' });
  const deliver = ['evidence', 'deliver', id as string];
  expect(refusal(await repo.run(deliver), 2)).toContain('what is delivered?');
  const made = await repo.run([...deliver, '-o', '../answer.zip', '--json']);
  expect([made.code, made.stderr]).toEqual([
    0,
    expect.stringContaining('git agent-log verify ../answer.zip'),
  ]);
  const done = JSON.parse(made.stdout) as Record<string, unknown>;
  expect(schemaProblems(done)).toEqual([]);
  const zip = await readFile(repo.path('..', 'answer.zip'));
  const digest = `sha256:${createHash('sha256').update(zip).digest('hex')}`;
  expect(done).toMatchObject({ state: 'delivered', acceptedAt: null });
  expect(done['evidence']).toEqual([digest, expect.stringMatching(/^sha256:/)]);
  expect(done['missing']).toContainEqual(expect.stringMatching(/^policy /));
  // HEAD is another commit now: what was asked for is what it was.
  const { question } = manifestIn(await unzipped(repo.path('..', 'answer.zip')));
  expect(question).toMatchObject({ kind: 'commit', name: await repo.git('rev-parse', 'HEAD~1') });
  const open = await told(['metrics', '--json']);
  expect(open['timeToEvidence']).toMatchObject({ accepted: 0, open: [{ id, state: 'delivered' }] });
  expect((await repo.run(['metrics'])).stdout).toMatch(/waits for .*: delivered/);
  await told(['evidence', 'reject', id as string, '-m', 'not that']);
  expect(await told([...deliver, '--evidence', 'HEAD', digest])).toMatchObject({
    state: 'delivered',
    rejections: 1,
    evidence: [await repo.git('rev-parse', 'HEAD'), digest],
    missing: [],
  });
  const accepted = await repo.run(['evidence', 'accept', id as string]);
  expect(accepted.stdout).toContain('accepted?');
  expect(accepted.stderr).toMatch(/^hint: the question mark: /);
  expect(refusal(await repo.run([...deliver, '-o', '../again.zip']))).toContain('was accepted');
  await expect(readFile(repo.path('..', 'again.zip'))).rejects.toThrow('ENOENT');
});

test('where the default branch names people for it, only they judge evidence and approve waivers', async () => {
  const roster = `version: 1
people:
  - {name: Jane Doe, email: jane@example.com, emails: [jane@private.example], roles: [audit, waivers]}
`;
  await repo.commit('People', { '.agent-log/sponsors.yaml': roster });
  await repo.git('clone', '-q', '--bare', '.', '../origin.git');
  await repo.git('remote', 'add', 'origin', '../origin.git');
  await repo.git('fetch', '-q', 'origin');
  // What the change itself says of people counts for nothing.
  await repo.commit('Mine', { '.agent-log/sponsors.yaml': roster.replaceAll('jane', 'john') });
  const { id } = await told(['evidence', 'request', 'HEAD', '--question', 'Who?']);
  const reject = ['evidence', 'reject', id as string, '-m', 'no'];
  expect(refusal(await repo.run(reject, JOHN))).toContain('for people with the role');
  expect(await told(reject)).toMatchObject({ state: 'rejected' });
  const exception = await opened();
  const until = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString();
  const waiver = (await told(['exception', 'waive', exception, '-m', 'x', '--until', until]))['id'] as string;
  const approve = ['exception', 'approve-waiver', waiver];
  expect(refusal(await repo.run(approve, JOHN))).toContain('for people with the role');
  const second = { env: { GIT_COMMITTER_NAME: 'J. Doe', GIT_COMMITTER_EMAIL: 'jane@private.example' } };
  expect(refusal(await repo.run(approve, second))).toContain('a second person');
});

test('steps are signed with the key git signs with, and say so', async () => {
  const key = repo.path('..', 'home', 'key');
  await repo.exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  await repo.git('config', 'gpg.format', 'ssh');
  await repo.git('config', 'user.signingkey', key);
  const id = (await opened()).slice(0, 8);
  const signed = await told(['exception', 'comment', id, '-m', 'x']);
  const unsigned = await told(['exception', 'comment', id, '-m', 'y', '--no-sign']);
  const keys = (document: object): number[] =>
    (document as { steps: { signedBy: string[] }[] }).steps.map(({ signedBy }) => signedBy.length);
  expect([keys(signed), keys(unsigned)]).toEqual([
    [1, 1],
    [1, 1, 0],
  ]);
});

test('two clones that open and close the same gap come to one exception', async () => {
  await repo.git('clone', '-q', '--bare', '.', '../origin.git');
  await repo.git('remote', 'add', 'origin', '../origin.git');
  await repo.git('clone', '-q', '../origin.git', '../other');
  const other = repoAt(repo.path('..', 'other'), repo.home);
  await other.git('config', 'user.name', 'John Roe');
  await other.git('config', 'user.email', 'john@example.com');
  const id = await opened();
  await other.run(['exception', 'open', '--type', 'identity-unclear', '--commit', 'HEAD']);
  await told(['exception', 'close', id, '--resolution', 'false-positive', '-m', 'a person']);
  for (const one of [repo, other, repo]) expect((await one.run(['sync'])).code).toBe(0);
  const documents = await Promise.all(
    [repo, other].map((one) => one.run(['exception', 'list', '--all', '--json'])),
  );
  const [mine, theirs] = documents.map(
    ({ stdout }) => JSON.parse(stdout) as { state: string; steps: unknown[] },
  );
  expect(mine).toMatchObject({ id, state: 'closed' });
  expect(mine?.steps).toHaveLength(3);
  expect(theirs?.steps).toEqual(mine?.steps);
});

test('words that could be commands of a terminal are shown, not sent', async () => {
  const id = (await opened()).slice(0, 8);
  await told(['exception', 'comment', id, '-m', 'red \u001b[31m alert \u202e']);
  const { stdout } = await repo.run(['exception', 'show', id]);
  expect(stdout).toContain('red \\e[31m alert \\u202e');
});
