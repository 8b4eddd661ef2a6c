/** A glob whose braces were expanded, by how it can be matched fastest. */
export type GlobShape =
  /** Asks of the whole path, of its name, of the name's ending, or of any of its folders. */
  | { readonly kind: 'path' | 'name' | 'ending' | 'folder'; readonly text: string }
  /** Asks of the file's name alone. */
  | { readonly kind: 'name-pattern'; readonly glob: string }
  /** Asks of folders too; `segment` is the first folder it names, which the path must have. Null: any. */
  | { readonly kind: 'path-pattern'; readonly glob: string; readonly segment: string | null };

/** Alternatives in braces, written out: `a{,b}.{x,y}` gives four. Braces may nest. */
export function expandBraces(glob: string): string[] {
  const open = glob.indexOf('{');
  if (open < 0) return [glob];
  const { parts, close } = alternatives(glob, open);
  const before = glob.slice(0, open);
  return expandBraces(glob.slice(close + 1)).flatMap((rest) =>
    parts.flatMap(expandBraces).map((part) => before + part + rest),
  );
}

/** What a glob without braces asks of a path. */
export function shapeOfGlob(glob: string): GlobShape {
  const lower = glob.toLowerCase();
  const anywhere = lower.startsWith('**/');
  const rest = anywhere ? lower.slice(3) : lower;
  if (!/[*?[]/.test(rest))
    return anywhere && !rest.includes('/') ? { kind: 'name', text: rest } : shapeOfLiteral(rest, anywhere);
  if (anywhere && /^[^*?[/]+\/\*\*$/.test(rest)) return { kind: 'folder', text: rest.slice(0, -3) };
  if (anywhere && /^\*\.[^*?[/]+$/.test(rest)) return { kind: 'ending', text: rest.slice(1) };
  if (anywhere && !rest.includes('/')) return { kind: 'name-pattern', glob: rest };
  return pathPattern(rest, anywhere);
}

function shapeOfLiteral(rest: string, anywhere: boolean): GlobShape {
  return anywhere ? pathPattern(rest, true) : { kind: 'path', text: rest };
}

function pathPattern(rest: string, anywhere: boolean): GlobShape {
  const segment = rest.split('/').find((part) => !/[*?[]/.test(part)) ?? null;
  return { kind: 'path-pattern', glob: anywhere ? `**/${rest}` : rest, segment };
}

/** What every text begins and ends with that a glob in lower case matches. */
export function endsOfGlob(glob: string): [head: string, tail: string] {
  // A folder glob also names the folder itself, without the slash; `**/` stands for nothing, too.
  const named = glob.replace(/\/\*\*$/, '**').replaceAll(/(^|\/)\*\*\//g, '**$1');
  return [/^[^*?[]*/.exec(named)?.[0] ?? '', /[^*?\]]*$/.exec(named)?.[0] ?? ''];
}

/** A glob without braces as a regular expression, not anchored. */
export function globSource(glob: string): string {
  return glob.startsWith('**/') ? `(?:.*/)?${patternSource(glob.slice(3))}` : patternSource(glob);
}

function patternSource(glob: string): string {
  return glob.replaceAll(/\/\*\*\/|\/\*\*$|\*\*|\*|\?|\[[^\]]*\]|[^*?[/]+|\/|\[/g, (part) => {
    if (part === '/**/') return '/(?:.*/)?';
    if (part === '/**') return '(?:/.*)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.length > 2 && part.startsWith('[') && isClass(part) ? part : escapeRegExp(part);
  });
}

/** False for brackets that mean nothing as a class, such as a range that runs backwards: then they are themselves. */
export function isClass(part: string): boolean {
  try {
    return new RegExp(part).source !== '';
  } catch {
    return false;
  }
}

function alternatives(glob: string, open: number): { parts: string[]; close: number } {
  const parts: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < glob.length; at++) {
    const letter = glob.charAt(at);
    if (letter === '{') depth++;
    else if (letter === '}' && --depth === 0) return { parts: [...parts, glob.slice(start, at)], close: at };
    else if (letter === ',' && depth === 1) {
      parts.push(glob.slice(start, at));
      start = at + 1;
    }
  }
  throw new RangeError(`a brace is not closed: ${glob}`);
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
