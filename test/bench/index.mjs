// Brings the derived index up to date, in a process of its own: `index.mjs REPO [anew]`. Prints the milliseconds it took
// and the most memory the process had, in bytes.
import { rmSync } from 'node:fs';
import { findRepository, openLedger, THOROUGH } from '../../dist/index.js';
import { askIndex } from '../../dist/ledger/index/open.js';
import { indexFolder } from '../../dist/ledger/index/store.js';

const [dir, anew] = process.argv.slice(2);
const repo = await findRepository({ cwd: dir });
if (anew === 'anew') rmSync(indexFolder(repo), { recursive: true, force: true });
const ledger = openLedger(repo, THOROUGH);
const begin = performance.now();
const rows = await askIndex(ledger, ({ head, base }) => base.count + head.added.count);
const ms = performance.now() - begin;
ledger.close();
if (rows === null) throw new Error('there is no index');
process.stdout.write(JSON.stringify({ ms, rows, peak: process.resourceUsage().maxRSS * 1024 }));
