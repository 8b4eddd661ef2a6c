import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import type { Finding } from '../../core/records/exception.ts';
import { verifyBundle } from '../../evidence/verify/bundle/verify-bundle.ts';
import type { VerifyDocument } from '../../evidence/verify/report.ts';
import { MAX_TRUST_BYTES, parseTrust, type TrustFile } from '../../evidence/verify/trust.ts';
import { verifyRange } from '../../evidence/verify/verify-ledger.ts';
import { openOrSay } from '../shared/acting.ts';
import { hintAtRemote } from '../shared/hint-remote.ts';
import { withLedger } from '../shared/open.ts';
import { textFlag } from '../shared/open-flags.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';
import { failureOf, renderVerified } from '../views/verify.ts';

export async function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const [what] = args;
  const isAll = flags['all'] === true;
  if (isAll && what !== undefined) throw usage(`--all and '${what}' are two things`, 'Name one of them.');
  const trust = await trustOf(io, textFlag(flags, 'trust'));
  const bundle = what === undefined ? null : await bundleAt(resolve(io.cwd, what), what);
  if (bundle === null)
    return verifyLedger(io, { range: isAll ? null : (what ?? 'HEAD'), trust }, flags).catch(
      async (error: unknown) => {
        throw what !== undefined && (await isFolder(resolve(io.cwd, what))) ? noBundle(what, error) : error;
      },
    );
  if (flags['openExceptions'] === true)
    throw usage('a bundle has no queue', '--open-exceptions goes with a range or --all.');
  const document = await telling(io, (onProgress) =>
    verifyBundle(bundle, { trust, now: io.now, onProgress }),
  );
  return tell(io, { ...document, subject: { kind: 'bundle', name: what ?? '' } }, flags);
}

/** What looks like a bundle is one: a zip, or a folder with a manifest. A file of any other name is no range either. */
async function bundleAt(path: string, name: string): Promise<string | null> {
  if (name.toLowerCase().endsWith('.zip')) return path;
  const [at, manifest] = await Promise.all(
    [path, join(path, 'manifest.json')].map((one) => stat(one).catch(() => null)),
  );
  return manifest != null || at?.isFile() === true ? path : null;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}

/** A folder may be called as a branch is: only when git knows no such commits, a bundle was meant. */
function noBundle(name: string, error: unknown): unknown {
  if (!(error instanceof AgentLogError)) return error;
  // Where commits are called so and nothing tells of them, no cause is given.
  const isUnknown = error.code === 'NOT_FOUND' && error.cause !== undefined;
  if (!isUnknown && error.code !== 'NOT_A_REPOSITORY') return error;
  return new AgentLogError(
    'NOT_FOUND',
    'answer',
    `'${name}' is no bundle: there is no manifest.json in this folder`,
    { hints: ['Name the folder that the bundle was unpacked to, or its .zip.'], cause: error },
  );
}

function verifyLedger(
  io: Io,
  what: { readonly range: string | null; readonly trust: TrustFile | null },
  flags: Flags,
): Promise<number> {
  return withLedger(io, async (ledger) => {
    const document = await telling(io, (onProgress) =>
      verifyRange(ledger, { ...what, now: io.now, onProgress }),
    );
    if (document === null) {
      await hintAtRemote(io, ledger);
      throw new AgentLogError(
        'NOT_FOUND',
        'answer',
        'there is nothing to verify: no records, and no commit that names one',
        {
          hints: ['Records that others have come with `git agent-log sync --fetch`.'],
        },
      );
    }
    if (flags['openExceptions'] === true) await openOrSay(io, ledger, findingsOf(document), flags);
    return tell(io, document, flags);
  });
}

async function tell(io: Io, document: VerifyDocument, flags: Flags): Promise<number> {
  if (flags['json'] === true) io.print(`${JSON.stringify(document)}\n`);
  else await io.page(renderVerified(document, io.paint, io.columns));
  const failure = failureOf(document);
  if (failure !== null) throw failure;
  return 0;
}

async function telling<T>(io: Io, work: (onProgress: (doing: string) => void) => Promise<T>): Promise<T> {
  const progress = progressOf(io);
  try {
    return await work((doing) => progress.say(doing));
  } finally {
    progress.end();
  }
}

async function trustOf(io: Io, file: string | undefined): Promise<TrustFile | null> {
  if (file === undefined) return null;
  const path = resolve(io.cwd, file);
  const info = await stat(path).catch(() => null);
  if (info?.isFile() !== true || info.size > MAX_TRUST_BYTES)
    throw usage(
      `${path} is no file, or over ${MAX_TRUST_BYTES} bytes`,
      'Name a trust file: docs/verify.md says how to make one.',
    );
  return parseTrust(await readFile(path, 'utf8'));
}

const OID = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** What does not hold of a commit, for the queue. */
function findingsOf({ checks }: VerifyDocument): Finding[] {
  const problems = checks.flatMap(({ name, problems: all }) => all.map((one) => ({ name, ...one })));
  const byCommit = new Map(
    problems.flatMap((one) => (one.of !== null && OID.test(one.of) ? [[one.of, one] as const] : [])),
  );
  return [...byCommit].map(
    ([commit, { name, says }]): Finding => ({
      type: 'record-invalid',
      txn: null,
      commit,
      detectedBy: 'verify',
      text: `verify: ${name}: ${says}`.slice(0, 1000),
    }),
  );
}

function usage(problem: string, hint: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', problem, { hints: [hint] });
}
