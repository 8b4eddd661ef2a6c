import { AgentLogError } from '../../core/errors.ts';
import type { SignatureRecord } from '../../core/records/record.ts';
import { newUlid } from '../../core/ulid.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import { type GpgSaid, runGpg } from './gpg.ts';
import { openpgpName, openpgpPayload, problemOfOpenpgpSignature } from './openpgp.ts';
import { openpgpProgram } from './openpgp-verdicts.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A key of gpg's, as git's configuration names it. */
interface OpenpgpSigningKey {
  readonly program: string;
  /** What gpg finds it by: a fingerprint, a key id or an address. */
  readonly user: string;
}

/** The user's own OpenPGP signing key, as git would use it; null when none is set, or signatures are made by something else. */
export function openpgpSigningKey(config: GitConfig): OpenpgpSigningKey | null {
  const user = config.get('user.signingkey')?.trim() ?? '';
  const format = config.get('gpg.format') ?? 'openpgp';
  return user === '' || format !== 'openpgp' ? null : { program: openpgpProgram(config), user };
}

/** Signs a record by its digest. It waits for whoever types the passphrase, as git does. Throws NOT_SIGNED. */
export async function signWithGpg(
  digest: string,
  key: OpenpgpSigningKey,
  env: Env,
  now: number,
): Promise<SignatureRecord> {
  const { program, user } = key;
  const form = ['--no-emit-version', '--no-comments', '--armor', '--detach-sign', '--local-user', user];
  const said = await runGpg({ program, args: form, input: openpgpPayload(digest), env, limit: null });
  const created = said.status.find((line) => line.startsWith('SIG_CREATED '))?.split(' ')[6];
  if (said.code !== 0 || created === undefined) throw notSigned(whyNot(program, said));
  const signature = said.stdout.replaceAll('\r\n', '\n');
  const problem = problemOfOpenpgpSignature(signature);
  if (problem !== null) throw notSigned(`what gpg made counts for nothing: ${problem}`);
  return {
    schema: 'agent-log/signature/v1',
    id: newUlid(now),
    record: digest,
    format: 'openpgp',
    publicKey: openpgpName(await primaryOf(program, created, env)),
    signature,
    recordedAt: new Date(now).toISOString(),
  };
}

/** A subkey signs; who it is, the primary key says. */
async function primaryOf(program: string, fingerprint: string, env: Env): Promise<string> {
  const args = ['--batch', '--no-tty', '--with-colons', '--list-keys', '--', fingerprint];
  const { stdout } = await runGpg({ program, args, env, limit: LIST_MS });
  const lines = stdout.split('\n').map((line) => line.split(':'));
  const primary = lines.find(([kind]) => kind === 'fpr')?.[9] ?? '';
  if (/^[0-9A-F]{40}([0-9A-F]{24})?$/.test(primary)) return primary;
  throw notSigned(`gpg does not say which key ${fingerprint} belongs to`);
}

const LIST_MS = 30_000;

function whyNot(program: string, { isThere, stderr, code }: GpgSaid): string {
  if (!isThere) return `${program} could not be started`;
  return stderr.trim().split('\n').at(-1)?.slice(0, 500) || `gpg ended with ${code ?? 'a signal'}`;
}

function notSigned(why: string): AgentLogError {
  return new AgentLogError('NOT_SIGNED', 'system', `nothing was signed: ${why}`, {
    hints: ['Look at user.signingkey, gpg.format and gpg.program, or go without: --no-sign.'],
  });
}
