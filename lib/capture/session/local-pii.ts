import { type PiiSettings, piiSettings } from '../../core/secrets/pii.ts';
import { readConfig } from '../../git/repository/config.ts';
import type { Repository } from '../../git/repository/repository.ts';

/** What this user's configuration says of personal data. Where it was read anyway, piiSettings tells. */
export async function localPii(repo: Repository): Promise<PiiSettings> {
  return piiSettings(await readConfig(repo, ['agentlog']));
}
