// Writes what is made from code: the man page and the command reference from the command table, what agents tell from
// their adapters. A test holds them to it.
import { writeFile } from 'node:fs/promises';
import { agentsPage, manPage, reference, revertManPage } from '../dist/cli/table/manual.js';

await writeFile(new URL('man/git-agent-log.1', import.meta.url), manPage());
await writeFile(new URL('man/git-agent-revert.1', import.meta.url), revertManPage());
await writeFile(new URL('reference.md', import.meta.url), reference());
await writeFile(new URL('agents.md', import.meta.url), agentsPage());
