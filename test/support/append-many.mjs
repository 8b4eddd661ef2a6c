// Appends a line to many notes at once, so many that git writes a pack.
import { appendToNotes, findRepository, openLedger } from '../../dist/index.js';

const [dir, count] = process.argv.slice(2);
const ledger = openLedger(await findRepository({ cwd: dir }));
const appends = Array.from({ length: Number(count) }, (_, i) => ({
  object: (i + 1).toString(16).padStart(40, '0'),
  lines: () => [`{"line":${i}}`],
}));
const identity = `Led Ger <ledger@example.com> ${Math.floor(Date.now() / 1000)} +0000`;
await appendToNotes(ledger, appends, { identity, message: 'test: many\n' });
ledger.close();
