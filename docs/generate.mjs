// Writes what is made from the command table: the man page and the command reference. A test holds them to it.
import { writeFile } from 'node:fs/promises';
import { manPage, reference } from '../dist/cli/manual.js';

await writeFile(new URL('man/git-agent-log.1', import.meta.url), manPage());
await writeFile(new URL('reference.md', import.meta.url), reference());
