import { unfitLock } from '../checks/lock-consistency.ts';
import { isLockfile } from '../kinds/path-kinds.ts';
import { ruleFor, settingFor } from '../kinds/regenerate-rules.ts';
import type { PlanBody, PlanFlags } from './way.ts';

/**
 * Which setting would let files be made again that stand in the way. Nothing is run by default: a package manager reads
 * settings of the tree it works in, and some of those name programs.
 */
export function settingsFor(
  { regenerate, regenerator }: PlanFlags,
  blockers: PlanBody['blockers'],
  faults: readonly string[],
): string[] {
  const rules = regenerator?.rules ?? [];
  const unfit = faults.map(unfitLock).filter((path) => path !== null);
  const paths = new Set([...blockers.flatMap((blocker) => blocker.paths).filter(isLockfile), ...unfit]);
  const unmade = [...paths].filter((path) => ruleFor(rules, path) === null);
  if (regenerate === true && rules.length === 0 && unmade.length === 0)
    return [`no command is configured that makes files again: ${settingFor('<pattern>')}`];
  return unmade.map(
    (path) => `a tool can make ${path} again, with --regenerate, once you say so: ${settingFor(path)}`,
  );
}
