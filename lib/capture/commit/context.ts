import type { Sponsor } from '../../core/generated/execution-v1.types.ts';
import { type GitConfig, readConfig } from '../../git/repository/config.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { findSponsor } from '../../identity/sponsor.ts';
import type { Place } from '../place.ts';

export interface SealContext {
  readonly repo: Repository;
  readonly place: Place;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: GitConfig;
  readonly now: number;
}

export const SEAL_CONFIG: readonly string[] = [
  'user',
  'author',
  'committer',
  'core',
  'commit',
  'init',
  'agentlog',
];

export function sealConfig(repo: Repository): Promise<GitConfig> {
  return readConfig(repo, SEAL_CONFIG);
}

export function sponsorNow(context: Pick<SealContext, 'env' | 'config'>, flag?: string): Sponsor | null {
  return findSponsor({ flag, env: context.env, config: context.config });
}
