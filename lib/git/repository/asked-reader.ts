import { Batch, type GitObject, type ObjectReader } from '../objects/catfile.ts';

type Answer = Promise<GitObject | null>;

/**
 * Reads from a git that was asked already, and says something else first. Nothing is asked twice: neither what it was asked for
 * by another name (a commit has its id as well), nor what would be on a ref that is not there.
 */
export function askedReader(batch: Batch, names: readonly string[]): ObjectReader {
  const asked = new Map<string, Answer>();
  for (const name of names) {
    const answer = batch.expect();
    asked.set(name, answer);
    answer.then((object) => object?.type === 'commit' && asked.set(commitName(object.oid), answer), ignore);
  }
  const askNow = (name: string): Answer => {
    const ref = asked.get(commitName(name.slice(0, Math.max(0, name.indexOf(':')))));
    if (ref === undefined) return batch.read(name);
    return ref.then((tip) => (tip === null ? null : batch.read(name)));
  };
  return {
    read: (name) => asked.get(name) ?? askNow(name),
    look: (name) => batch.look(name),
    close: () => batch.close(),
  };
}

function commitName(revision: string): string {
  return `${revision}^{commit}`;
}

/** Whoever reads it hears of a failure. */
function ignore(): void {}
