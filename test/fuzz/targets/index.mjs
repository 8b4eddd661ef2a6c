import { readdir, readFile } from 'node:fs/promises';
import { adapterTargets } from './adapters.mjs';
import { captureTargets } from './capture.mjs';
import { coreTargets } from './core.mjs';
import { evidenceTargets } from './evidence.mjs';
import { farTargets } from './far.mjs';
import { gitTargets } from './git.mjs';
import { identityTargets } from './identity.mjs';
import { importTargets } from './imports.mjs';
import { landingTargets } from './landings.mjs';
import { ledgerTargets } from './ledger.mjs';
import { oversightTargets } from './oversight.mjs';
import { pageTargets } from './page.mjs';
import { payloadTargets } from './payloads.mjs';
import { policyTargets } from './policy.mjs';
import { selfTargets } from './self.mjs';
import { transcriptTargets } from './transcripts.mjs';

/**
 * Everything that reads what others wrote. A target has seeds and runs one input: it throws nothing but the project's own
 * error, and whatever else it holds to.
 */
export async function allTargets() {
  return [
    ...adapterTargets,
    ...transcriptTargets,
    ...(await importTargets()),
    ...captureTargets,
    ...coreTargets,
    ...farTargets,
    ...evidenceTargets,
    ...gitTargets,
    ...identityTargets,
    ...ledgerTargets,
    ...landingTargets,
    ...oversightTargets,
    ...pageTargets,
    ...payloadTargets,
    ...policyTargets,
  ];
}

export async function findTarget(wanted) {
  return [...selfTargets, ...(await allTargets())].find(({ name }) => name === wanted);
}

/** Inputs that once broke a target: `regressions/<target>/<what it was>`, with `_` for the colons of the name. */
export async function regressionsOf(target) {
  const folder = new URL(`../regressions/${target.replaceAll(':', '_')}/`, import.meta.url);
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.map((name) => readFile(new URL(name, folder))));
}
