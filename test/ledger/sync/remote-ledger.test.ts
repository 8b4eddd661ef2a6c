import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRepository, type Repository } from '../../../lib/git/repository/repository.ts';
import { hasFetched } from '../../../lib/ledger/sync/has-fetched.ts';
import { defaultRemote, remoteLedger } from '../../../lib/ledger/sync/remote-ledger.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
let repository: Repository;
beforeEach(async () => {
  repo = await makeRepo();
  repository = await findRepository({ cwd: repo.dir });
});
afterEach(() => repo.remove());

describe('the default remote', () => {
  it("is the branch's, else the only one, else origin, as git has it", async () => {
    await expect(defaultRemote(repository)).rejects.toMatchObject({ code: 'NO_REMOTE', kind: 'answer' });
    await repo.git('remote', 'add', 'one', 'x');
    expect(await defaultRemote(repository)).toBe('one');
    await repo.git('remote', 'add', 'two', 'x');
    await expect(defaultRemote(repository)).rejects.toMatchObject({ code: 'NO_REMOTE' });
    await repo.git('remote', 'add', 'origin', 'x');
    expect(await defaultRemote(repository)).toBe('origin');
    await repo.git('config', 'branch.main.remote', 'two');
    expect(await defaultRemote(repository)).toBe('two');
    await repo.git('config', 'branch.main.remote', '.');
    expect(await defaultRemote(repository)).toBe('origin');
    await repo.git('checkout', '-q', '--detach');
    expect(await defaultRemote(repository)).toBe('origin');
  });
});

describe('what is remembered of a remote', () => {
  it('is under its name; under a digest for an address, which may hold a password', async () => {
    expect(remoteLedger('origin', ['origin']).merged).toBe('refs/agent-log/remotes/origin/merged');
    const address = remoteLedger('https://jane:secret@host/x y', ['origin']);
    expect(address.name).toBe('another repository');
    expect(JSON.stringify({ ...address, address: '' })).not.toContain('secret');
    expect((await repo.tryGit(['check-ref-format', address.fetched])).code).toBe(0);
  });

  it('shows, without asking git, whether a fetch brought something', async () => {
    const head = await repo.git('rev-parse', 'HEAD');
    expect(await hasFetched(repository)).toBe(false);
    const side = remoteLedger('a/b', ['a/b']);
    await repo.git('update-ref', side.fetched, head);
    expect(await hasFetched(repository)).toBe(true);
    await repo.git('update-ref', side.merged, head);
    expect(await hasFetched(repository)).toBe(false);
    await repo.git('pack-refs', '--all');
    expect(await hasFetched(repository)).toBe(false);
  });
});
