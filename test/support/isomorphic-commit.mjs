// Commits everything in the index of a repository without git: `isomorphic-commit.mjs DIR MESSAGE`. No hook runs, and no
// reflog is written.
import fs from 'node:fs';
import git from 'isomorphic-git';

const [dir, message] = process.argv.slice(2);
const author = { name: 'Jane Doe', email: 'jane@example.com' };
process.stdout.write(await git.commit({ fs, dir, message, author }));
