import { recordDigest } from '../../core/digest.ts';
import { AgentLogError } from '../../core/errors.ts';
import type { DecisionRecord } from '../../core/records/record.ts';
import { type CommittedFile, readRegularFile } from '../../git/trees/regular-file.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { MAX_POLICY_BYTES } from '../../ledger/told/policy-digest.ts';
import { POLICY_PATH } from './policy.ts';

/** A policy file as it stands at the target. */
export interface PolicySource {
  readonly text: string;
  readonly source: NonNullable<DecisionRecord['policy']>;
}

/**
 * Reads the policy at the tip of the branch a change goes to: never that of the change itself. Throws NO_POLICY where there is
 * none, or something else in its place: a link leads to what nobody reviewed under this name.
 */
export async function policyAt({ reader }: Pick<Ledger, 'reader'>, commit: string): Promise<PolicySource> {
  const file = await readRegularFile(reader, commit, POLICY_PATH, MAX_POLICY_BYTES);
  if (file.kind !== 'file') throw noPolicy(file.kind, commit);
  const { oid: blob, content } = file;
  return {
    text: content.toString('utf8'),
    source: { commit, path: POLICY_PATH, blob, digest: recordDigest(content) },
  };
}

const INSTEAD: Readonly<Record<Exclude<CommittedFile['kind'], 'file'>, string>> = {
  missing: 'there is none',
  link: 'it is a symbolic link',
  submodule: 'it is a submodule',
  folder: 'it is a folder',
  'too-large': `it is larger than ${MAX_POLICY_BYTES} bytes`,
};

function noPolicy(kind: keyof typeof INSTEAD, commit: string): AgentLogError {
  return new AgentLogError(
    'NO_POLICY',
    'answer',
    `no policy can be read from ${POLICY_PATH} at ${commit.slice(0, 12)}: ${INSTEAD[kind]}`,
    {
      hints: [
        '`git agent-log init --policy` writes one to begin with; it counts once it is on the branch that changes go to.',
        'Another branch: --target NAME.',
      ],
    },
  );
}
