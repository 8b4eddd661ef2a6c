import { describe, expect, it } from 'vitest';
import { makeRepo } from '../../support/repo.ts';

interface Line {
  readonly text: string;
}

/** As far as these tests use it. */
interface World {
  commit: number;
  readonly touched: Map<unknown, unknown>;
  readonly files: Map<string, Line[]>;
  readonly line: (text: string) => Line;
  readonly place: (path: string, lines: Line[]) => void;
  readonly change: (path: string) => Line[];
  readonly carried: (block: readonly Line[]) => Line[];
}

interface Verdict {
  readonly left: number;
  readonly lost: number;
  readonly missing: number;
  readonly invented: number;
  readonly astray: number;
}

const here = (name: string): string => new URL(name, import.meta.url).href;
const { World: MadeUp } = (await import(here('world.mjs'))) as {
  World: new (seed: number, files: number) => World;
};
const { asCommit } = (await import(here('history.mjs'))) as {
  asCommit: (world: World, task: number | null, number: number) => unknown;
};
const { isRight, judge, linkLines, truthOf } = (await import(here('truth.mjs'))) as {
  linkLines: (world: World) => void;
  truthOf: (commits: unknown[], world: World, going: Set<number>, paths: Set<string>) => unknown;
  judge: (truth: unknown, files: Map<string, string>) => Verdict;
  isRight: (verdict: Verdict) => boolean;
};

const PATH = 'src/one.x';
const RIGHT = { left: 0, lost: 0, missing: 0, invented: 0, astray: 0 };

interface Editor {
  readonly lines: Line[];
  readonly world: World;
  readonly add: (after: string, ...texts: string[]) => void;
  readonly replace: (text: string, by: string) => void;
  readonly remove: (text: string) => void;
  /** Moves the lines from one to another, to before a third. */
  readonly move: (first: string, last: string, before: string) => void;
}

/** A history of one file, commit by commit; gives what a result without some commits is judged. */
function historyOf(start: readonly string[], ...edits: ((edit: Editor) => void)[]) {
  const world = new MadeUp(1, 0);
  world.place(
    PATH,
    start.map((text) => world.line(text)),
  );
  const commits = [asCommit(world, null, 0)];
  const texts = [textOf(world)];
  for (const [i, edit] of edits.entries()) {
    world.commit = i + 1;
    world.touched.clear();
    edit(editorOf(world));
    commits.push(asCommit(world, null, i + 1));
    texts.push(textOf(world));
  }
  linkLines(world);
  const judged = (going: readonly number[], result: readonly string[]): Verdict & { isRight: boolean } => {
    const truth = truthOf(commits, world, new Set(going), new Set([PATH]));
    const verdict = judge(truth, new Map([[PATH, `${result.join('\n')}\n`]]));
    const { left, lost, missing, invented, astray } = verdict;
    return { left, lost, missing, invented, astray, isRight: isRight(verdict) };
  };
  return { judged, texts };
}

function textOf({ files }: World): string[] {
  return (files.get(PATH) ?? []).map(({ text }) => text);
}

function editorOf(world: World): Editor {
  const lines = world.change(PATH);
  const at = (text: string): number => {
    const place = lines.findIndex((line) => line.text === text);
    if (place < 0) throw new Error(`no line '${text}'`);
    return place;
  };
  return {
    lines,
    world,
    add: (after, ...texts) => void lines.splice(at(after) + 1, 0, ...texts.map((text) => world.line(text))),
    replace: (text, by) => void lines.splice(at(text), 1, world.line(by)),
    remove: (text) => void lines.splice(at(text), 1),
    move: (first, last, before) => {
      const block = lines.splice(at(first), at(last) - at(first) + 1);
      lines.splice(at(before), 0, ...world.carried(block));
    },
  };
}

const LONG = ['long {', 'l1', 'l2', 'l3', 'l4', 'l5', 'l6', '}1'];
const SHORT = ['short {', 's1', '}2'];
const START = ['top', ...LONG, ...SHORT, 'end'];
const without = (lines: readonly string[], ...gone: string[]): string[] =>
  lines.filter((line) => !gone.includes(line));

describe('what a result is held to where blocks were moved', () => {
  it('gives a moved line to who wrote it, as git blame does where it sees the other block move', async () => {
    const { judged, texts } = historyOf(
      START,
      ({ add }) => add('l3', 'theirs'),
      ({ move }) => move('long {', '}1', 'end'),
    );
    const [, , moved = []] = texts;
    expect(judged([1], without(moved, 'theirs'))).toEqual({ ...RIGHT, isRight: true });
    expect(judged([1], moved), 'who moved it did not write it').toMatchObject({ left: 1, isRight: false });
    expect(judged([1], without(moved, 'theirs', 'l4'))).toMatchObject({ lost: 1, isRight: false });

    const repo = await makeRepo({ firstCommit: false });
    try {
      const oids = [];
      for (const [i, text] of texts.entries())
        oids.push(await repo.commit(String(i), { [PATH]: `${text.join('\n')}\n` }));
      const line = moved.indexOf('theirs') + 1;
      const blamed = await repo.git('blame', '--porcelain', '-L', `${line},${line}`, PATH);
      expect(blamed.split(' ')[0]).toBe(oids[1]);
    } finally {
      await repo.remove();
    }
  });

  it('wants a block back where it was, with what others wrote in it since', () => {
    const { judged, texts } = historyOf(
      START,
      ({ move }) => move('long {', '}1', 'end'),
      ({ replace, add }) => {
        replace('l3', 'other');
        add('l5', 'more');
      },
    );
    const back = START.map((line) => (line === 'l3' ? 'other' : line)).flatMap((line) =>
      line === 'l5' ? [line, 'more'] : [line],
    );
    expect(judged([1], back)).toEqual({ ...RIGHT, isRight: true });
    const [, , tip = []] = texts;
    expect(judged([1], tip), 'not moved back').toMatchObject({ astray: 1, isRight: false });
    expect(judged([1], without(back, 'more')), 'lost').toMatchObject({ lost: 1, isRight: false });
    expect(judged([1], START), 'an edit taken back').toMatchObject({ lost: 2, isRight: false });
    const both = back.flatMap((line) => (line === 'other' ? ['l3', line] : [line]));
    expect(judged([1], both), 'what they replaced').toMatchObject({ invented: 1, isRight: false });
    const [apart] = back.splice(back.indexOf('other'), 1);
    expect(judged([1], [...back, apart ?? '']), 'an edit left behind').toMatchObject({ isRight: false });
  });

  it('wants what a moved block lost in the same commit back in it', () => {
    const { judged } = historyOf(START, ({ remove, replace, move }) => {
      move('long {', '}1', 'end');
      remove('l2');
      replace('l5', 'mine');
    });
    expect(judged([1], START)).toEqual({ ...RIGHT, isRight: true });
    expect(judged([1], without(START, 'l2'))).toMatchObject({ missing: 1, isRight: false });
    expect(judged([1], without(START, 'l5'))).toMatchObject({ missing: 1, isRight: false });
  });

  it('leaves a block where somebody who stays has moved it again', () => {
    const { judged, texts } = historyOf(
      [...START, 'last'],
      ({ move }) => move('short {', '}2', 'top'),
      ({ move }) => move('short {', '}2', 'last'),
    );
    const [, once = [], twice = []] = texts;
    expect(judged([1], twice)).toEqual({ ...RIGHT, isRight: true });
    expect(judged([1], once)).toMatchObject({ isRight: false });
    expect(judged([1, 2], [...START, 'last'])).toEqual({ ...RIGHT, isRight: true });
    expect(judged([1, 2], once)).toMatchObject({ isRight: false });
  });

  it('wants what was replaced before a move back after it', () => {
    const { judged, texts } = historyOf(
      START,
      ({ replace }) => replace('l3', 'mine'),
      ({ move }) => move('long {', '}1', 'end'),
    );
    const [, , tip = []] = texts;
    const back = tip.map((line) => (line === 'mine' ? 'l3' : line));
    expect(judged([1], back)).toEqual({ ...RIGHT, isRight: true });
    expect(judged([1], without(back, 'l3'))).toMatchObject({ missing: 1, isRight: false });
    expect(judged([1], tip)).toMatchObject({ left: 1, isRight: false });
  });
});
