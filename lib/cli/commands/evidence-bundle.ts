import { resolve } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import { RISK_CLASSES } from '../../core/risk/risk.ts';
import type { BundleFile, Evidence } from '../../evidence/bundle/evidence.ts';
import { bundleFiles, type Making } from '../../evidence/bundle/files.ts';
import { gatherEvidence } from '../../evidence/bundle/gather.ts';
import type { Asked } from '../../evidence/bundle/subject.ts';
import { checkFree, writeBundle } from '../../evidence/bundle/write.ts';
import { readConfig } from '../../git/repository/config.ts';
import { agentLogDir } from '../../git/repository/repository.ts';
import { armouredSignature, signingKey } from '../../identity/signatures/ssh-signature.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { bundleSources } from '../shared/bundling.ts';
import { withLedger } from '../shared/open.ts';
import { textFlag } from '../shared/open-flags.ts';
import { listOf } from '../shared/words.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';
import { packageVersion } from '../version.ts';
import { renderBundle } from '../views/bundle.ts';

/** Makes the bundle of one question. */
export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const asked = askedBy(args, flags);
  const output = textFlag(flags, 'output');
  if (output === undefined && flags['json'] !== true)
    throw usage('where does the bundle go?', 'Name it: -o evidence.zip, or -o evidence for a folder.');
  return withLedger(io, async (ledger) => {
    const { evidence, summary } = await makeBundle(io, ledger, asked, flags);
    if (flags['json'] === true) {
      io.say(summary);
      io.print(`${JSON.stringify(evidence.document)}\n`);
    } else io.print(summary);
    return 0;
  });
}

/** A bundle that was written, or only gathered where --output names no place. */
export interface Made {
  readonly evidence: Evidence;
  readonly files: readonly BundleFile[];
  /** Where it is; null where it was not written. */
  readonly path: string | null;
  /** What to tell people of it; empty where it was not written. */
  readonly summary: string;
}

/** Gathers what is asked for and writes it where --output says. Throws BAD_ARGUMENT where something is there already. */
export async function makeBundle(io: Io, ledger: Ledger, asked: Asked, flags: Flags): Promise<Made> {
  const output = textFlag(flags, 'output');
  const path = output === undefined ? null : resolve(io.cwd, output);
  if (path !== null) await checkFree(path);
  const making = path === null ? { sign: null } : await makingOf(io, ledger, flags);
  const evidence = await telling(io, (onProgress) =>
    gatherEvidence(ledger, asked, bundleSources(io, ledger), {
      now: io.now,
      version: packageVersion(),
      withHistory: flags['withHistory'] === true,
      withTexts: flags['texts'] !== false,
      onProgress,
    }),
  );
  if (path === null) return { evidence, files: [], path, summary: '' };
  const files = await bundleFiles(evidence, making);
  await writeBundle(path, files);
  return { evidence, files, path, summary: renderBundle(evidence, files, output ?? '', io) };
}

async function telling<T>(io: Io, work: (onProgress: (doing: string) => void) => Promise<T>): Promise<T> {
  const progress = progressOf(io);
  try {
    return await work((doing) => progress.say(`evidence: ${doing}`));
  } finally {
    progress.end();
  }
}

/** What is asked for, in one of the ways there are. Throws BAD_ARGUMENT for none of them, or two. */
function askedBy([name, more]: readonly string[], flags: Flags): Asked {
  const [mr, isLast] = [textFlag(flags, 'mr'), flags['last'] === true];
  const classes = listOf(flags, 'class', RISK_CLASSES);
  const ways = [name, mr, isLast ? 'last' : undefined].filter((one) => one !== undefined);
  if (ways.length !== 1 || more !== undefined)
    throw usage(
      ways.length === 0 ? 'evidence of what?' : 'evidence is of one thing at a time',
      'git agent-log evidence <commit|txn|range|URL> -o PATH, or --last; or request, deliver, accept, reject, requests.',
    );
  if (classes !== undefined && !isLast)
    throw usage('--class goes with --last', 'git agent-log evidence --last --class iac -o evidence.zip');
  return isLast ? { kind: 'last', classes: classes ?? [] } : { kind: 'named', name: name ?? mr ?? '' };
}

/** Whoever asks for a signature gets one, or is told that there is no key. */
async function makingOf(io: Io, { repo }: Ledger, flags: Flags): Promise<Making> {
  if (flags['sign'] !== true) return { sign: null };
  const key = signingKey(await readConfig(repo, ['user', 'gpg']), io.env);
  if (key === null)
    throw new AgentLogError('NOT_SIGNED', 'usage', 'there is no ssh key to sign with', {
      hints: ['git config gpg.format ssh; git config user.signingkey ~/.ssh/id_ed25519.pub'],
    });
  const folder = agentLogDir(repo);
  return { sign: (bytes, namespace) => armouredSignature(bytes, namespace, key, folder) };
}

function usage(problem: string, hint: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', problem, { hints: [hint] });
}
