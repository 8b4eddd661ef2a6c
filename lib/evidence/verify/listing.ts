import { streamGit } from '../../git/process/stream.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { objectAtPath } from '../../ledger/notes/fanout.ts';
import type { Report } from './report.ts';

const NOTE_MODE = '100644';

/** The objects the ledger has notes of, and whether each entry of its tree is a note and no more than one of its object. */
export async function checkListing(report: Report, repo: Repository, tip: string): Promise<string[]> {
  const objects = new Set<string>();
  const args = ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', tip];
  for await (const line of entriesOf(streamGit(repo, { args }))) {
    const [, mode = '', oid = '', path = ''] = /^(\d{6}) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    report.checked('paths');
    const object = objectAtPath(path, oid.length);
    if (object === null) {
      report.counts('foreign entries');
      report.unknown('paths', path, 'the entry is no note: nothing reads it');
    } else if (mode !== NOTE_MODE)
      report.fails(
        'paths',
        path,
        `the note is no plain file (mode ${mode}): readers of the tree pass it over`,
      );
    else objects.add(object);
  }
  return [...objects];
}

async function* entriesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, at)) {
      yield bytes.toString('latin1', at, end);
      at = end + 1;
    }
    rest = bytes.subarray(at);
  }
}
