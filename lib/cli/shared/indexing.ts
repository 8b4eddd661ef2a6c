import { type Indexing, THOROUGH } from '../../ledger/ledger.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';

/** Whoever runs a command waits for the derived index, and is told when it takes long. */
export function indexingOf(io: Io): Indexing {
  const progress = progressOf(io);
  return {
    ...THOROUGH,
    onProgress: (notes) => {
      if (notes === null) progress.end();
      else progress.say(() => `making the index: ${notes} notes`);
    },
  };
}
