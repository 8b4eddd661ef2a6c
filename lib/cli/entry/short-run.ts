import { setFlagsFromString } from 'node:v8';

/** Versions of V8 that have the flag (Node 20; that of Node 22 has it no more): another one would say on stderr that it does not know it. */
const KNOWN = /^11\./;

/** Seven times as much as usual has to be run of a function before V8 makes machine code of it. */
const BUDGET = 1_000_000;

/**
 * For a run that lasts a tenth of a second: V8 would compile on a second thread, which git needs, what is over before that is done. A long
 * run is hardly longer. To be called before V8 is given what was compiled: that counts only under the flags it was made under.
 */
export function compileLess(): void {
  if (KNOWN.test(process.versions.v8)) setFlagsFromString(`--interrupt-budget=${BUDGET}`);
}
