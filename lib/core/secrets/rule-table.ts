import { acceptsAssigned, acceptsGeneric, isExcused } from './allowed.ts';
import { ALLOWED_BY_RULE, RULES } from './gitleaks-rules.ts';
import { HeadIndex } from './head-index.ts';
import { ownRules } from './own-rules.ts';
import type { Match, Rule } from './rule.ts';

/** Every rule that is a pattern, ours and gitleaks'. Of most only the heads are ever read. */
export class RuleTable {
  readonly heads: HeadIndex = new HeadIndex();
  readonly #lines: readonly string[] = RULES.split('\n');
  readonly #rules: (Rule | undefined)[] = ownRules();
  readonly #own: number = this.#rules.length;

  constructor() {
    this.#rules.forEach((rule, i) => {
      for (const head of rule?.heads ?? []) this.heads.add(head, i);
    });
    this.#lines.forEach((line, i) => {
      for (const head of headsOf(line)) this.heads.add(head, this.#own + i);
    });
  }

  rule(number: number): Rule {
    const known = this.#rules[number] ?? parseRule(this.#lines[number - this.#own] as string);
    this.#rules[number] = known;
    return known;
  }

  all(): Rule[] {
    return Array.from({ length: this.#own + this.#lines.length }, (_, i) => this.rule(i));
  }
}

function headsOf(line: string): string[] {
  const heads = line.slice(0, line.indexOf('\t'));
  return heads.includes('\\') ? [heads.replaceAll('\\x20', ' ')] : heads.split(' ');
}

function parseRule(line: string): Rule {
  const [, id = '', entropy = '', kind = '', back = '', flags = '', source = ''] = line.split('\t');
  const [least = '0', most = '0'] = back.split('-');
  return {
    id,
    entropy: Number(entropy),
    kind: kind === 'assigned' ? 'assigned' : 'token',
    back: [Number(least), Number(most)],
    heads: headsOf(line),
    flags,
    source,
    accepts: acceptsOf(id, kind),
  };
}

function acceptsOf(id: string, kind: string): (match: Match) => boolean {
  if (id === 'generic-api-key') return acceptsGeneric;
  const accepts = kind === 'assigned' ? acceptsAssigned : (match: Match): boolean => !isExcused(match.secret);
  const excused = excusedBy(id);
  return excused.length === 0
    ? accepts
    : (match) => accepts(match) && !excused.some((regex) => regex.test(match.secret));
}

function excusedBy(id: string): RegExp[] {
  return ALLOWED_BY_RULE.split('\n').flatMap((line) => {
    const [rule, flags = '', source = ''] = line.split('\t');
    return rule === id ? [new RegExp(source, flags)] : [];
  });
}
