import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import type { SignatureRecord } from '../../core/records/record.ts';
import { newUlid } from '../../core/ulid.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import { removeFile, writeFileAtomically } from '../../ledger/notes/files.ts';
import { decodeSshSignature, NAMESPACE } from './sshsig.ts';

/** A key to sign with, as git's configuration names it. */
interface SigningKey {
  readonly program: string;
  /** The file with the private key, or with the public half of one that an agent holds. */
  readonly file: string | null;
  /** The public key itself, where that is what is configured. */
  readonly literal: string | null;
}

const KEY = /^(ssh-|ecdsa-|sk-ssh-|sk-ecdsa-)/;
const MAX_ANSWER_BYTES = 64 * 1024;

/** The user's own ssh signing key, as git would use it; null when none is set, or it is of another kind. */
export function signingKey(
  config: GitConfig,
  env: Readonly<Record<string, string | undefined>>,
): SigningKey | null {
  const given = config.get('user.signingkey')?.trim() ?? '';
  if (given === '') return null;
  const program = config.get('gpg.ssh.program') ?? 'ssh-keygen';
  const literal = given.startsWith('key::') ? given.slice('key::'.length) : given;
  if (KEY.test(literal)) return { program, file: null, literal };
  if (config.get('gpg.format') !== 'ssh') return null;
  const file = given.startsWith('~/') ? join(env['HOME'] ?? homedir(), given.slice(2)) : given;
  return { program, file, literal: null };
}

/** Signs a record by its digest. `folder` is a private one, for a file git's own signing needs too. Throws NOT_SIGNED. */
export async function signRecord(
  digest: string,
  key: SigningKey,
  folder: string,
  now: number,
): Promise<SignatureRecord> {
  const signature = await armouredSignature(digest, NAMESPACE, key, folder);
  const read = decodeSshSignature(signature);
  if (typeof read === 'string') throw notSigned(read);
  return {
    schema: 'agent-log/signature/v1',
    id: newUlid(now),
    record: digest,
    format: 'sshsig',
    publicKey: read.key.text,
    signature,
    recordedAt: new Date(now).toISOString(),
  };
}

/** An armoured SSHSIG of some bytes for a purpose, as `ssh-keygen -Y verify` reads it. Throws NOT_SIGNED. */
export async function armouredSignature(
  bytes: string | Uint8Array,
  namespace: string,
  key: SigningKey,
  folder: string,
): Promise<string> {
  const args = (file: string): string[] => ['-Y', 'sign', '-n', namespace, '-f', file];
  if (key.literal === null) return signedBy(key.program, args(key.file ?? ''), bytes);
  const file = join(folder, `signing-key.${process.pid}`);
  await writeFileAtomically(file, `${key.literal}\n`, false);
  try {
    // The private half is with an agent.
    return await signedBy(key.program, [...args(file), '-U'], bytes);
  } finally {
    await removeFile(file);
  }
}

function signedBy(program: string, args: readonly string[], bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [answer, said] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      if (answer.length < MAX_ANSWER_BYTES) answer += chunk.toString('latin1');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < 500) said += chunk.toString('utf8');
    });
    // How it ends says why it does not read.
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => reject(notSigned(error.message)));
    child.once('close', (code) => {
      if (code === 0) resolve(answer);
      else reject(notSigned(said.trim().split('\n')[0] ?? `exit ${code ?? 'by a signal'}`));
    });
    child.stdin.end(bytes);
  });
}

function notSigned(why: string): AgentLogError {
  return new AgentLogError('NOT_SIGNED', 'system', `nothing was signed: ${why}`, {
    hints: ['Look at user.signingkey, gpg.format and gpg.ssh.program, or go without: --no-sign.'],
  });
}
