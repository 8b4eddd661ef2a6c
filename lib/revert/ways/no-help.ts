import type { PlanFlags, Way } from './way.ts';

/** Options somebody took that name a way through, as they are typed. */
function asked({ relaxed, withDependants, hunks, cleanPaths }: PlanFlags): string[] {
  const taken = { '--relaxed': relaxed, '--with-dependants': withDependants, '--hunks': hunks };
  const all = Object.entries({ ...taken, '--clean-paths': cleanPaths });
  return all.flatMap(([flag, isTaken]) => (isTaken === true ? [flag] : []));
}

/** The way that somebody chose; where place by place with dependants is none, the exact one with dependants will do. */
export function chosenWay(ways: readonly Way[], flags: PlanFlags): Way | undefined {
  const chosen = ways.find(({ chosenBy }) => chosenBy(flags));
  if (chosen !== undefined || flags.withDependants !== true || flags.relaxed !== true) return chosen;
  return ways.find(({ chosenBy }) => chosenBy({ ...flags, relaxed: false }));
}

/** Says that what somebody chose is no way through, and what would be; or a plan would only be told once more. */
export function noHelp(flags: PlanFlags, ways: readonly Way[]): string[] {
  const flag = asked(flags);
  if (flag.length === 0) return [];
  const more = ways.find(
    ({ option, verified }) => verified !== false && flag.every((one) => option.flag.split(' ').includes(one)),
  );
  const named = flag.join(' ');
  return [
    more === undefined || more.option.flag === named
      ? `${named} does not settle it`
      : `${named} alone does not settle it: ${more.option.flag} does`,
  ];
}
