import { compileGlob } from '../../core/paths/glob-match.ts';
import type { ChangedFile, Facts } from '../facts.ts';
import type { Policy } from './policy.ts';

/** The facts with the policy's own risk classes given to the files its globs fit. Twice comes to the same. */
export function withOwnClasses(policy: Policy, facts: Facts): Facts {
  const known = Array.isArray(facts.change.files) && Array.isArray(facts.change.classes);
  if (policy.classes.length === 0 || !known) return facts;
  const own = policy.classes.map(({ name, globs }) => ({ name, fits: globs.map(compileGlob) }));
  const files = facts.change.files.map((file): ChangedFile => {
    const paths = [file.path, file.old_path].filter((path) => path !== '');
    const found = own.filter(({ fits }) => fits.some((fit) => paths.some(fit))).map(({ name }) => name);
    return { ...file, classes: [...new Set([...file.classes, ...found])] };
  });
  const classes = [...new Set([...facts.change.classes, ...files.flatMap((file) => file.classes)])];
  return { ...facts, change: { ...facts.change, files, classes } };
}
