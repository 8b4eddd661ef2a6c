import { type AST, RegExpParser } from '@eslint-community/regexpp';

/** Which letters a match may begin with: ASCII, and one place for all others. */
type Letters = Uint8Array;
const ALL = 129;

interface Work {
  /** In how many ways it can match at one place, at most: how often what follows can be tried. */
  readonly ways: number;
  /** Steps for one of them, backwards and forwards. */
  readonly steps: number;
}

/** What may follow: its letters, and whether the expression may end there. */
interface Follow {
  readonly letters: Letters;
  readonly ends: boolean;
}

const ENDLESS = 300;

/**
 * How many steps a backtracking matcher takes at one place of a text at most, whatever stands there. What has no end counts as 300: such
 * expressions are only given short texts. A repetition is a choice only where what is repeated can also be what follows.
 */
export function mostSteps(source: string, flags: string): number {
  const pattern = new RegExpParser({ ecmaVersion: 2024 }).parsePattern(
    source,
    undefined,
    undefined,
    flags.includes('u'),
  );
  const analysis = new Analysis(flags.includes('i'));
  return analysis.alternatives(pattern.alternatives, { letters: new Uint8Array(ALL), ends: true }).steps;
}

class Analysis {
  readonly #folded: boolean;

  constructor(folded: boolean) {
    this.#folded = folded;
  }

  alternatives(list: readonly AST.Alternative[], follow: Follow): Work {
    const works = list.map(({ elements }) => this.#sequence(elements, follow));
    const firsts = list.map(({ elements }) => this.#first(elements, follow));
    const apart = firsts.every((one, i) =>
      firsts.every((other, j) => i === j || !meet(one.letters, other.letters)),
    );
    const ways = works.map((work) => work.ways);
    return {
      ways: apart && !firsts.some(({ ends }) => ends) ? Math.max(...ways) : sum(ways),
      steps: sum(works.map((work) => work.steps)) + list.length,
    };
  }

  #sequence(elements: readonly AST.Element[], follow: Follow): Work {
    let ways = 1;
    let steps = 0;
    elements.forEach((element, i) => {
      const work = this.#element(element, this.#first(elements.slice(i + 1), follow));
      steps += ways * work.steps;
      ways *= work.ways;
    });
    return { ways, steps };
  }

  #element(element: AST.Element, follow: Follow): Work {
    switch (element.type) {
      case 'Group':
      case 'CapturingGroup':
        return this.alternatives(element.alternatives, follow);
      case 'Quantifier':
        return this.#repeated(element, follow);
      case 'Assertion':
        return element.kind === 'lookahead' || element.kind === 'lookbehind'
          ? {
              ways: 1,
              steps: this.alternatives(element.alternatives, { letters: new Uint8Array(ALL), ends: true })
                .steps,
            }
          : { ways: 1, steps: 1 };
      case 'Backreference':
      case 'Character':
      case 'CharacterClass':
      case 'CharacterSet':
      case 'ExpressionCharacterClass':
        return { ways: 1, steps: 1 };
    }
  }

  #repeated({ element, min, max: most }: AST.Quantifier, follow: Follow): Work {
    const max = most === Number.POSITIVE_INFINITY ? Math.max(ENDLESS, min) : most;
    const again = this.#first([element], follow);
    const inside = this.#element(
      element,
      max > 1 ? { letters: union(again.letters, follow.letters), ends: follow.ends } : follow,
    );
    // Where nothing has to follow, the first way is the last.
    const isChoice = meet(again.letters, follow.letters);
    const ways = (isChoice ? max - min + 1 : 1) * inside.ways ** (inside.ways > 1 ? max : 1);
    return { ways, steps: max * inside.steps * Math.min(ways, inside.ways ** (inside.ways > 1 ? max : 1)) };
  }

  /** What a sequence may begin with, and after it. */
  #first(elements: readonly AST.Element[], follow: Follow): Follow {
    let letters = new Uint8Array(ALL);
    for (const element of elements) {
      const { of, mayBeEmpty } = this.#firstOf(element, follow);
      letters = union(letters, of);
      if (!mayBeEmpty) return { letters, ends: false };
    }
    return { letters: union(letters, follow.letters), ends: follow.ends };
  }

  #firstOf(element: AST.Element, follow: Follow): { of: Letters; mayBeEmpty: boolean } {
    switch (element.type) {
      case 'Assertion':
        return { of: new Uint8Array(ALL), mayBeEmpty: true };
      case 'Quantifier': {
        const inner = this.#firstOf(element.element, follow);
        return { of: inner.of, mayBeEmpty: element.min === 0 || inner.mayBeEmpty };
      }
      case 'Group':
      case 'CapturingGroup': {
        const none: Follow = { letters: new Uint8Array(ALL), ends: true };
        const all = element.alternatives.map((one) => this.#first(one.elements, none));
        return {
          of: all.map((one) => one.letters).reduce(union),
          mayBeEmpty: all.some((one) => one.ends),
        };
      }
      case 'Backreference':
      case 'Character':
      case 'CharacterClass':
      case 'CharacterSet':
      case 'ExpressionCharacterClass':
        return { of: this.#lettersOf(element.raw), mayBeEmpty: false };
    }
  }

  readonly #known = new Map<string, Letters>();

  #lettersOf(raw: string): Letters {
    const known = this.#known.get(raw);
    if (known !== undefined) return known;
    // What refers back may be anything.
    const regex =
      raw.startsWith('\\k') || /^\\[1-9]/.test(raw)
        ? /[^]/
        : new RegExp(`^(?:${raw})$`, this.#folded ? 'i' : '');
    const letters = Uint8Array.from({ length: ALL }, (_, code) =>
      regex.test(String.fromCharCode(code === 128 ? 0xe9 : code)) ? 1 : 0,
    );
    this.#known.set(raw, letters);
    return letters;
  }
}

function union(a: Letters, b: Letters): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(a, (one, i) => one | (b[i] as number));
}

function meet(a: Letters, b: Letters): boolean {
  return a.some((one, i) => one === 1 && b[i] === 1);
}

function sum(list: readonly number[]): number {
  return list.reduce((all, one) => all + one, 0);
}
