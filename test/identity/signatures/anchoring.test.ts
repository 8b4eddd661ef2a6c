import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { saidOf } from '../../../lib/identity/said-of.ts';
import { type AnchorScene, anchorScene } from '../../support/anchors.ts';
import { writeLedger } from '../../support/ledgers.ts';
import { signatureOf } from '../../support/ssh-keys.ts';

const REVOKED = { by: { kind: 'nobody' }, why: 'its key is revoked' };
const JANES = { by: { kind: 'person' }, why: null };

describe('the time of a signature', () => {
  let scene: AnchorScene;

  beforeEach(async () => {
    scene = await anchorScene();
    await scene.roster('2026-01-01', '');
  });
  afterEach(() => scene.close());

  it('is that of the first commit of the branch whose record saw it: what was anchored stays good', async () => {
    const told = await scene.approve('2026-01-10', scene.jane);
    await scene.commit('2026-01-20', `Work\n\n${await scene.seal()}`);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(JANES);
  });

  it('is asked wherever people are told what a signature is worth', async () => {
    const told = await scene.approve('2026-01-10', scene.jane);
    const seal = await scene.seal();
    const basis = async (): Promise<string | undefined> => {
      const asked = { commit: told.object, txn: null, sponsor: null, erasure: null };
      return (await saidOf(scene.ledger, asked, Date.parse('2026-05-01'))).approvals[0]?.basis;
    };
    await scene.roster('2026-01-15', '');
    expect(await basis()).toBe('attested');
    await scene.commit('2026-01-20', `Work\n\n${seal}`);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await basis()).toBe('attested');
    await scene.roster('2026-04-02', 'revoked: 2026-01-01');
    expect(await basis()).toBe('asserted');
  });

  it('is that of the merge that brought the commit of a topic', async () => {
    const told = await scene.approve('2026-01-10', scene.jane);
    const seal = await scene.seal();
    await scene.repo.git('checkout', '-q', '-b', 'topic');
    await scene.commit('2026-01-20', `Work\n\n${seal}`);
    await scene.repo.git('checkout', '-q', 'main');
    await scene.commit('2026-01-25');
    const merging = ['merge', '-q', '--no-ff', '-m', 'Merge', 'topic'];
    const merged = await scene.repo.tryGit(merging, { env: { GIT_COMMITTER_DATE: '2026-03-05T00:00:00Z' } });
    expect(merged.code).toBe(0);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject({ why: 'its key was revoked then' });
    await scene.roster('2026-04-02', 'revoked: 2026-03-10');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(JANES);
  });

  it('holds for keys whose days are over, within their days', async () => {
    const told = await scene.approve('2026-01-10', scene.jane);
    await scene.commit('2026-01-20', `Work\n\n${await scene.seal()}`);
    await scene.roster('2026-02-01', 'until: 2026-06-30');
    expect(await scene.judge(told, '2026-07-01')).toMatchObject(JANES);
    await scene.roster('2026-02-02', 'until: 2026-01-15');
    expect(await scene.judge(told, '2026-07-01')).toMatchObject({ why: 'its key counts no more' });
  });

  it('attack: a revoked key grafted on an old tip is judged by today', async () => {
    await scene.approve('2026-01-10', null);
    await scene.commit('2026-01-20', `Work\n\n${await scene.seal()}`);
    const old = await scene.repo.git('rev-parse', 'refs/notes/agent-log');
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    const told = await scene.approve('2026-02-01', scene.jane);
    // The forged state stands on the old one and says that it is of then; what was sealed is not it.
    const note = await scene.repo.git('notes', '--ref=refs/notes/agent-log', 'show', told.object);
    await writeLedger(scene.repo, 'refs/heads/graft', { [told.object]: note }, { parents: [old] });
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(REVOKED);
  });

  it('attack: a back-dated commit is no older than what it stands on', async () => {
    await scene.commit('2026-03-15');
    const told = await scene.approve('2026-02-01', scene.jane);
    await scene.commit('2026-02-02', `Work\n\n${await scene.seal()}`);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject({ why: 'its key was revoked then' });
  });

  it('attack: a commit dated long ago below it hides none of what it stands on', async () => {
    await scene.commit('2026-03-15');
    const told = await scene.approve('2026-02-01', scene.jane);
    await scene.commit('1999-01-01');
    await scene.commit('2026-02-02', `Work\n\n${await scene.seal()}`);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject({ why: 'its key was revoked then' });
  });

  it('attack: a back-dated commit after the roster revoked the key anchors nothing', async () => {
    await scene.roster('2026-02-01', 'revoked: 2026-03-01');
    const told = await scene.approve('2026-02-02', scene.jane);
    await scene.commit('2026-02-03', `Work\n\n${await scene.seal()}`);
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(REVOKED);
  });

  it('attack: a state of the roster between two commits of one push lets no revoked key in again', async () => {
    await scene.roster('2026-02-01', 'revoked: 2026-03-01');
    const told = await scene.approve('2026-02-02', scene.jane);
    const seal = await scene.seal();
    await scene.roster('2026-02-03', '');
    await scene.commit('2026-02-03', `Work\n\n${seal}`);
    await scene.roster('2026-02-03', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(REVOKED);
  });

  it('attack: a signature added later to a record that was anchored before has not its time', async () => {
    const others = await scene.approve('2026-01-10', scene.ci);
    await scene.commit('2026-01-20', `Work\n\n${await scene.seal()}`);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    const told = await scene.sign(others, '2026-01-11', scene.jane);
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(REVOKED);
  });

  it('attack: a branch that is not the target anchors nothing', async () => {
    const told = await scene.approve('2026-01-10', scene.jane);
    const seal = await scene.seal();
    await scene.repo.git('checkout', '-q', '-b', 'mine');
    await scene.commit('2026-01-20', `Work\n\n${seal}`);
    await scene.repo.git('checkout', '-q', 'main');
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(REVOKED);
  });

  it('attack: a key nobody had at the anchoring commit did not count then', async () => {
    await scene.roster('2026-01-02', null);
    const told = await scene.approve('2026-01-10', scene.jane);
    await scene.commit('2026-01-20', `Work\n\n${await scene.seal()}`);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(REVOKED);
  });

  it('attack: a trailer that names a record of a state that is not there anchors nothing', async () => {
    const told = await scene.approve('2026-01-10', scene.jane);
    await scene.commit('2026-01-20', `Work\n\n${await scene.seal('a'.repeat(40))}`);
    await scene.commit('2026-01-21', `Work\n\nAgent-Record: sha256:${'b'.repeat(64)}`);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(REVOKED);
  });

  it('attack: a shallow clone, which does not have what commits stand on, anchors nothing', async () => {
    const told = await scene.approve('2026-01-10', scene.jane);
    const sealed = await scene.commit('2026-01-20', `Work\n\n${await scene.seal()}`);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    await scene.repo.write('.git/shallow', `${sealed}\n`);
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(REVOKED);
  });

  it('is that of a checkpoint a pipeline signed, by its own clock', async () => {
    const told = await scene.approve('2026-01-10', scene.jane);
    await scene.checkpoint('2026-01-12', scene.ci, await scene.repo.git('rev-parse', 'main'));
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(JANES);
  });

  it('attack: a back-dated commit is no older than a checkpoint of the branch before it that lacks the signature', async () => {
    const before = await scene.repo.git('rev-parse', 'main');
    await scene.approve('2026-01-05', null);
    await scene.checkpoint('2026-03-15', scene.ci, before);
    const told = await scene.approve('2026-02-01', scene.jane);
    await scene.commit('2026-02-02', `Work\n\n${await scene.seal()}`);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject({ why: 'its key was revoked then' });
    await scene.roster('2026-04-02', 'revoked: 2026-03-20');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(JANES);
  });

  it('is not put off by a late check of what the branch once was, whose ledger has the signature', async () => {
    const before = await scene.repo.git('rev-parse', 'main');
    const told = await scene.approve('2026-01-10', scene.jane);
    await scene.commit('2026-01-20', `Work\n\n${await scene.seal()}`);
    await scene.checkpoint('2026-03-15', scene.ci, before);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(JANES);
  });

  it('is not put off by a checkpoint of the commit itself: a ledger may come after its commits', async () => {
    const approved = await scene.repo.git('rev-parse', 'main');
    const without = await scene.approve('2026-01-05', null);
    const behind = await scene.repo.git('rev-parse', 'refs/notes/agent-log');
    const told = await scene.sign(without, '2026-01-10', scene.jane);
    expect(told.object).toBe(approved);
    const sealed = await scene.commit('2026-01-20', `Work\n\n${await scene.seal()}`);
    await scene.checkpoint('2026-03-15', scene.ci, sealed, behind);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(JANES);
  });

  it('is not put off by a pipeline whose clock is ahead of today', async () => {
    const before = await scene.repo.git('rev-parse', 'main');
    await scene.approve('2026-01-05', null);
    await scene.checkpoint('2027-03-15', scene.ci, before);
    const told = await scene.approve('2026-01-10', scene.jane);
    await scene.commit('2026-01-20', `Work\n\n${await scene.seal()}`);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(JANES);
  });

  it('attack: any number of junk signatures of one record hide none of another', async () => {
    const told = await scene.approve('2026-01-10', scene.jane);
    await scene.commit('2026-01-20', `Work\n\n${await scene.seal()}`);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    const { digest } = told.stored;
    const stored = { ...told.stored, digest: `sha256:${'1'.repeat(64)}` };
    const junk = Array.from({ length: 5500 }, (_, i) => ({
      ...signatureOf(scene.jane, digest),
      record: stored.digest,
      recordedAt: new Date(i).toISOString(),
    }));
    const others = [{ ...told, stored, signatures: junk }];
    expect(await scene.judge(told, '2026-05-01', others)).toMatchObject(JANES);
  });

  it('attack: a checkpoint by a person puts nobody off', async () => {
    const before = await scene.repo.git('rev-parse', 'main');
    await scene.approve('2026-01-05', null);
    await scene.checkpoint('2026-03-15', scene.jane, before);
    const told = await scene.approve('2026-01-10', scene.jane);
    await scene.commit('2026-01-20', `Work\n\n${await scene.seal()}`);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(JANES);
  });

  it('on a quiet branch is that of a later checkpoint, and of nothing where there is none', async () => {
    const told = await scene.approve('2026-01-10', scene.jane);
    const quiet = await scene.roster('2026-01-11', 'until: 2026-02-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject({ why: 'its key counts no more' });
    await scene.checkpoint('2026-02-05', scene.ci, quiet);
    expect(await scene.judge(told, '2026-05-01')).toMatchObject({ why: 'its key counts no more' });
    await scene.checkpoint('2026-01-25', scene.ci, quiet);
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(JANES);
  });

  it('attack: a checkpoint by a person, or of a commit the branch never was at, anchors nothing', async () => {
    const told = await scene.approve('2026-01-10', scene.jane);
    const head = await scene.repo.git('rev-parse', 'main');
    await scene.checkpoint('2026-01-12', scene.jane, head);
    await scene.repo.git('checkout', '-q', '-b', 'mine');
    const mine = await scene.commit('2026-01-20');
    await scene.repo.git('checkout', '-q', 'main');
    await scene.checkpoint('2026-01-12', scene.ci, mine);
    await scene.roster('2026-04-01', 'revoked: 2026-03-01');
    expect(await scene.judge(told, '2026-05-01')).toMatchObject(REVOKED);
  });
});
