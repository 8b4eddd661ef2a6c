import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeRecord } from '../../../lib/core/records/record.ts';
import { approval } from '../../support/approvals.ts';
import { writeLedger } from '../../support/ledgers.ts';
import { landing, storedBinding, storedExecution } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const MANY = 250;

interface Made {
  readonly oid: string;
  readonly tree: string;
  readonly parent: string;
  readonly parentTree: string;
}

let repo: TestRepo;
let commits: readonly Made[];
beforeAll(async () => {
  repo = await makeRepo();
  const base = await repo.git('rev-parse', 'HEAD');
  const made = Array.from({ length: MANY }, (_, i) => {
    const from = i === 0 ? `from ${base}\n` : '';
    return `commit refs/heads/main\ncommitter A <a@example.com> 1795348800 +0000\ndata 1\nm\n${from}M 100644 inline f\ndata ${String(i).length}\n${i}\n`;
  });
  const { code, stderr } = await repo.tryGit(['fast-import', '--quiet'], { input: made.join('') });
  if (code !== 0) throw new Error(stderr);
  const log = (await repo.git('log', '--format=%H %T', 'main')).split('\n').map((line) => line.split(' '));
  commits = log.slice(0, MANY).map(([oid = '', tree = ''], i) => {
    const [parent = '', parentTree = ''] = log[i + 1] ?? [];
    return { oid, tree, parent, parentTree };
  });
});
afterAll(() => repo.remove());

/** How many processes of git `verify --all` starts with a note on every commit. */
async function startedFor(linesOf: (commit: Made) => readonly string[]): Promise<number> {
  const notes = commits.map((commit) => [commit.oid, `${linesOf(commit).join('\n')}\n`] as const);
  await writeLedger(repo, 'refs/notes/agent-log', Object.fromEntries(notes));
  await repo.write('.git/trace', '');
  const { stderr } = await repo.run(['verify', '--all'], { env: { GIT_TRACE: repo.path('.git', 'trace') } });
  expect(stderr).not.toContain('failed');
  return (await repo.read('.git/trace')).split('\n').filter((line) => /trace: built-in: git /.test(line))
    .length;
}

/** Where the work of a record that is none of a commit's began. */
const headOf = ({ parent, parentTree }: Made): { commit: string; tree: string; parents: string[] } => {
  return { commit: parent, tree: parentTree, parents: [] };
};

const FILES = [{ path: 'other', change: 'modified', blob: null, by: 'agent', classes: [] } as const];

describe('attack: hundreds of notes that anybody may push', () => {
  it.each<[string, (commit: Made) => string[]]>([
    [
      'records of another tree, bound where they were sealed',
      (commit) => {
        const record = storedExecution({ head: headOf(commit), tree: commit.parent, files: [...FILES] });
        return [record.line, storedBinding(record, commit.oid).line];
      },
    ],
    [
      'records of another tree, said to be rewritten',
      ({ oid, parent }) => {
        const { record, digest, line } = storedExecution({ tree: parent, files: [...FILES] });
        const said = { record: digest, txn: record.txn, from: parent, commit: oid };
        return [line, encodeRecord(landing({ ...said, proof: 'rewrite', grade: 'modified' })).line];
      },
    ],
    [
      'approvals of changes with other patch-ids',
      ({ oid, tree, parent }) => {
        const made = approval();
        const subject = { ...made.subject, targetCommit: null, base: parent, head: oid, tree };
        return [encodeRecord({ ...made, subject }).line];
      },
    ],
  ])('%s start no process each', async (_, linesOf) => {
    expect(await startedFor(linesOf)).toBeLessThan(40);
  });
});
