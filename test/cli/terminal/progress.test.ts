import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { progressOf } from '../../../lib/cli/terminal/progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function listening(): {
  readonly heard: (string | null)[];
  readonly progress: ReturnType<typeof progressOf>;
} {
  const heard: (string | null)[] = [];
  return { heard, progress: progressOf({ progress: (text) => void heard.push(text) }) };
}

describe('progress', () => {
  it('is silent for half a second, and tells the last of what was said then', () => {
    const { heard, progress } = listening();
    progress.say('one');
    vi.advanceTimersByTime(300);
    progress.say(() => 'two');
    vi.advanceTimersByTime(199);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(heard).toEqual(['two']);
  });

  it('tells at most five times a second', () => {
    const { heard, progress } = listening();
    vi.advanceTimersByTime(500);
    for (let i = 0; i < 100; i++) {
      progress.say(`${i}`);
      vi.advanceTimersByTime(10);
    }
    expect(heard).toEqual(['0', '19', '39', '59', '79', '99']);
  });

  it('says nothing more once it has ended', () => {
    const { heard, progress } = listening();
    progress.say('one');
    progress.end();
    vi.advanceTimersByTime(1_000);
    expect(heard).toEqual([]);
  });

  it('takes back what it said, once', () => {
    const { heard, progress } = listening();
    progress.say('one');
    vi.advanceTimersByTime(500);
    progress.end();
    progress.end();
    expect(heard).toEqual(['one', null]);
  });
});
