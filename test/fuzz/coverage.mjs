import { Session } from 'node:inspector';

/** Which blocks of our code ran, as V8 counts them: inputs that reach new ones are worth mutating further. */
export function newCoverage() {
  const session = new Session();
  session.connect();
  const post = (method, params) => {
    let answer;
    session.post(method, params, (error, result) => {
      if (error) throw error;
      answer = result;
    });
    return answer;
  };
  post('Profiler.enable');
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const seen = new Set();
  /** Blocks that ran since the last look and never before. */
  const fresh = () => {
    const { result } = post('Profiler.takePreciseCoverage');
    const found = [];
    for (const { url, functions } of result) {
      if (!url.includes('/dist/')) continue;
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count } of ranges) {
          const key = `${url}:${startOffset}-${endOffset}:${count > 0}`;
          if (!seen.has(key)) found.push(key);
        }
    }
    return found;
  };
  return {
    fresh,
    keep: (keys) => {
      for (const key of keys) seen.add(key);
    },
    size: () => seen.size,
  };
}
