import { openLedger } from '../../ledger/ledger.ts';
import { checkChange } from '../../policy/check.ts';
import type { RangeJudge } from '../../policy/receive/judge-push.ts';
import { PLAIN } from '../terminal/io.ts';
import { packageVersion } from '../version.ts';
import { checkDocument } from '../views/check/document.ts';
import { checkText } from '../views/check/text.ts';

/** Columns a client's terminal surely has left, behind `remote: `. */
const COLUMNS = 72;

/** Judges what is pushed as `check --dry-run` would, and says the same. */
export const judgeRange: RangeJudge = async ({ repo, stage, ref, from, to, target }) => {
  const ledger = openLedger(repo);
  try {
    const checked = await checkChange(ledger, {
      revision: from === null ? to : `${from}..${to}`,
      stage,
      target: from === null ? target : ref,
      version: packageVersion(),
      now: Date.now(),
    });
    const document = checkDocument(checked, null);
    const text = checkText(document, { paint: PLAIN, columns: COLUMNS, full: false });
    return { denies: document.verdict === 'deny', text: text.trimEnd() };
  } finally {
    ledger.close();
  }
};
