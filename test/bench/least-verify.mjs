// The least a Node program can do that verifies records and knows that nobody changed what they are held to: it hears the
// objects whose ids a file names, one a line, of one git, takes a digest of each commit and tree, and parses each line of
// each note. It compares nothing, and is told what to read. No code of ours. usage: least-verify.mjs NAMES
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { openSync } from 'node:fs';

const stdio = [openSync(process.argv[2], 'r'), 'pipe', 'inherit'];
const git = spawn('git', ['cat-file', '--batch', '--buffer'], { stdio });
let left = Buffer.alloc(0);
let lines = 0;
git.stdout.on('data', (piece) => {
  left = take(left.length === 0 ? piece : Buffer.concat([left, piece]));
});
git.stdout.on('end', () => {
  if (lines === 0 || left.length > 0) throw new Error('git did not say all of it');
});

/** Looks at the objects that are complete: `id SP type SP size LF content LF`. Gives the rest. */
function take(bytes) {
  let at = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, at)) {
    const [oid, type, size] = bytes.latin1Slice(at, end).split(' ');
    const next = end + 2 + Number(size);
    if (!(next <= bytes.length)) break;
    if (type === 'blob') parseLines(bytes.utf8Slice(end + 1, next - 1));
    else check(bytes, oid, at, end, next - 1);
    at = next;
  }
  return bytes.subarray(at);
}

/** Behind the id is what git takes a digest of, but for a NUL in the place of the line feed. */
function check(bytes, oid, at, lineFeed, end) {
  bytes[lineFeed] = 0;
  if (hash('sha1', bytes.subarray(at + oid.length + 1, end)) !== oid) throw new Error(`${oid} is damaged`);
}

function parseLines(text) {
  for (const line of text.split('\n')) if (line !== '' && JSON.parse(line).schema !== undefined) lines++;
}
