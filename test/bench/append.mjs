// Appends notes through the library, in a process of its own: `append.mjs REPO NOTES` where each line of NOTES is the
// object, a tab, and two record lines with a tab between them. Prints the milliseconds the appending took.
import { readFileSync } from 'node:fs';
import { appendToNotes, findRepository, openLedger } from '../../dist/index.js';

const [dir, file] = process.argv.slice(2);
const appends = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => {
    const [object, ...lines] = line.split('\t');
    return { object, lines: () => lines };
  });
const ledger = openLedger(await findRepository({ cwd: dir }));
const begin = performance.now();
const changed = await appendToNotes(ledger, appends, {
  identity: 'Jane Doe <jane@example.com> 1767225600 +0000',
  message: 'agent-log: bench\n',
});
const ms = performance.now() - begin;
ledger.close();
if (changed.length !== appends.length)
  throw new Error(`${changed.length} of ${appends.length} were appended`);
process.stdout.write(String(ms));
