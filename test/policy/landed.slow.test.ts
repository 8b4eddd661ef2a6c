import { expect, it } from 'vitest';
import { speakOfChange } from '../../lib/identity/approvals/speak.ts';
import { checkChange } from '../../lib/policy/check.ts';
import { IDENTITY, NOW } from '../support/records.ts';
import { merged, onBranch, type Scene, scene } from '../support/revert.ts';

const POLICY = {
  '.agent-log/policy.yaml': 'version: 1\nrules: [{id: a, stage: [commit], require: [{expr: "true"}]}]\n',
};
const OLGA = { name: 'Olga Poe', email: 'olga@example.com' };

let said = 0;

async function approve({ ledger }: Scene): Promise<void> {
  const request = { kind: 'approval', txn: null, withdraw: false, note: null } as const;
  const named = { revision: 'topic', target: 'main' };
  await speakOfChange(
    ledger,
    { ...request, named },
    { by: OLGA, identity: IDENTITY, now: NOW + ++said, sign: null },
  );
}

async function approvalsHold({ ledger }: Scene): Promise<boolean[]> {
  const { facts } = await checkChange(ledger, {
    revision: 'topic',
    target: 'main',
    stage: 'mr',
    now: NOW + 1000,
  });
  return facts.change.approvals.map(({ holds }) => holds);
}

/** A topic with work of an agent and of a person, and main beside it. */
async function begun(): Promise<Scene> {
  const made = await scene();
  await made.person(POLICY);
  await onBranch(made, 'topic', async () => {
    await made.agent({ a: 'agent\n' });
    await made.person({ p: 'person\n' });
  });
  await made.person({ m: 'main\n' });
  return made;
}

async function squashed({ repo }: Scene): Promise<void> {
  const messages = await repo.git('log', '--reverse', '--format=* %B', 'main..topic');
  await repo.git('merge', '-q', '--squash', 'topic');
  await repo.git('commit', '-q', '-m', `Topic (#1)\n\n${messages}`);
}

it('attack: an approval from before it landed, or while it was there, does not hold once it was taken back', async () => {
  const made = await begun();
  await approve(made);
  expect(await approvalsHold(made)).toEqual([true]);
  await squashed(made);
  await approve(made);
  await made.repo.git('revert', '--no-edit', 'HEAD');
  expect(await approvalsHold(made)).toEqual([false, false]);
});

it('what landed and was taken back is approved anew, and that holds until it lands again', async () => {
  const made = await begun();
  await approve(made);
  await squashed(made);
  await made.repo.git('revert', '--no-edit', 'HEAD');
  await approve(made);
  expect(await approvalsHold(made)).toEqual([false, true]);
  await made.person({ n: 'main\n' });
  expect(await approvalsHold(made)).toEqual([false, true]);
  await squashed(made);
  await made.repo.git('revert', '--no-edit', 'HEAD');
  expect(await approvalsHold(made)).toEqual([false, false]);
});

it("what was approved when the agent's part of it had landed already holds", async () => {
  const made = await begun();
  await made.repo.git('cherry-pick', 'topic~1');
  await approve(made);
  expect(await approvalsHold(made)).toEqual([true]);
});

it('attack: nor does one of a change without an agent in it, that landed commit by commit', async () => {
  const made = await scene();
  await made.person(POLICY);
  await onBranch(made, 'topic', async () => {
    await made.person({ p: 'person\n' });
    await made.person({ q: 'person\n' });
  });
  await made.person({ m: 'main\n' });
  await approve(made);
  await made.repo.git('cherry-pick', 'topic~1');
  expect(await approvalsHold(made)).toEqual([true]);
  await made.repo.git('cherry-pick', 'topic');
  await made.repo.git('revert', '--no-edit', 'HEAD', 'HEAD~1');
  expect(await approvalsHold(made)).toEqual([false]);
});

it('attack: nor one of a change that landed as part of another one, and was taken back with it', async () => {
  const made = await scene();
  const { repo } = made;
  await made.person(POLICY);
  await onBranch(made, 'topic', () => made.person({ p: 'person\n' }));
  await made.person({ m: 'main\n' });
  await approve(made);
  await repo.git('checkout', '-q', '-b', 'larger', 'topic');
  await made.person({ q: 'more\n' });
  await repo.git('checkout', '-q', 'main');
  await repo.git('merge', '-q', '--squash', 'larger');
  await repo.git('commit', '-q', '-m', 'Larger (#2)');
  expect(await approvalsHold(made)).toEqual([false]);
  await repo.git('revert', '--no-edit', 'HEAD');
  expect(await approvalsHold(made)).toEqual([false]);
  await approve(made);
  expect(await approvalsHold(made)).toEqual([false, true]);
});

it('an approval of a topic ends with one commit more, and with main merged into it', async () => {
  const made = await begun();
  await approve(made);
  const { repo } = made;
  await repo.git('checkout', '-q', '-b', 'kept', 'topic');
  await repo.git('checkout', '-q', 'topic');
  await repo.git('commit', '-q', '--amend', '-m', 'Said otherwise');
  await repo.git('checkout', '-q', 'main');
  expect(await approvalsHold(made)).toEqual([true]);
  await repo.git('checkout', '-q', '-B', 'topic', 'kept');
  await made.person({ q: 'person\n' });
  await repo.git('checkout', '-q', 'main');
  expect(await approvalsHold(made)).toEqual([false]);
  await repo.git('checkout', '-q', '-B', 'topic', 'kept');
  await repo.git('merge', '-q', '--no-ff', '-m', 'Sync', 'main');
  await repo.git('checkout', '-q', 'main');
  expect(await approvalsHold(made)).toEqual([false]);
  await repo.git('checkout', '-q', '-B', 'topic', 'kept');
  await repo.git('checkout', '-q', 'main');
  await merged(made, 'topic');
  expect(await approvalsHold(made)).toEqual([false]);
});
