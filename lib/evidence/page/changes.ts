import { type FileDiff, parseDiff } from './diff-text.ts';
import type { Drawing } from './drawing.ts';
import { cutList, type Html, html, NOTHING, said, shown } from './html.ts';
import { LIMITS } from './limits.ts';
import { AUTHORS, BINDINGS, type Change, chip, count, moreOf, number, wholeId } from './words.ts';

type File = Change['files'][number];

/** What each commit changed, file by file: whose content it is, what it could do, and the lines. */
export function changes(drawing: Drawing): Html {
  const { evidence, place } = drawing;
  const cut = cutList(evidence.changes, LIMITS.changes);
  return html`<section id="changes" aria-labelledby="changes-title">
<h2 id="changes-title">What changed</h2>
<dl class="legend">${(['agent', 'shell', 'mixed', 'unseen'] as const).map((by) => html`<div><dt>${chip(AUTHORS[by].tone, by)}</dt><dd>${AUTHORS[by].says}.</dd></div>`)}</dl>
${cut.shown.length === 0 ? html`<p class="no-text">There is no commit.</p>` : cut.shown.map((change) => changeBlock(change, drawing))}
${moreOf(cut.more, 'commit', place)}
</section>`;
}

function changeBlock(change: Change, drawing: Drawing): Html {
  const { commit, subject, binding, files } = change;
  const diffs = new Map(parseDiff(drawing.diffs.get(commit) ?? '').map((diff) => [diff.path, diff]));
  const listed = cutList(files, LIMITS.files);
  const known = new Set(files.map(({ path }) => path));
  const others = cutList(
    [...diffs.values()].filter(({ path }) => !known.has(path)),
    LIMITS.files,
  );
  return html`<article class="change" id="change-${commit}">
<header><h3>${subject === undefined ? 'Commit' : said(subject, 300)}</h3><p class="facts">${wholeId(commit)} ${chip(BINDINGS[binding].tone, binding)}<span>${count(Math.max(files.length, diffs.size), 'file')}</span></p></header>
${diffNote(change, drawing)}
${listed.shown.map((file) => fileBlock(file, diffs.get(file.path), drawing))}${moreOf(listed.more, 'file', drawing.place)}
${others.shown.map((diff) => fileBlock(null, diff, drawing))}${moreOf(others.more, 'file', `diffs/${commit}.diff`)}
</article>`;
}

function diffNote({ commit }: Change, { evidence, diffs }: Drawing): Html {
  const told = evidence.diffs.find((diff) => diff.commit === commit);
  if (!diffs.has(commit)) return html`<p class="no-text">The diff is not here.</p>`;
  return told?.isCut === true
    ? html`<p>${chip('warn', 'the diff was over the limit and ends early')}</p>`
    : NOTHING;
}

const CHANGES: ReadonlyMap<string, string> = new Map([
  ['added', 'added'],
  ['modified', 'changed'],
  ['deleted', 'deleted'],
  ['type', 'changed in type'],
]);

function fileBlock(file: File | null, diff: FileDiff | undefined, drawing: Drawing): Html {
  const path = file?.path ?? diff?.path ?? '';
  const by = file === null ? chip('idle', 'not in the record') : chip(AUTHORS[file.by].tone, file.by);
  const classes = (file?.classes ?? [])
    .slice(0, LIMITS.classes)
    .map((name) => html`<span class="chip risk">${said(name, 100)}</span>`);
  const size =
    diff === undefined
      ? NOTHING
      : html`<span class="size"><span class="plus">+${number(diff.added)}</span> <span class="minus">\u2212${number(diff.removed)}</span></span>`;
  const change = CHANGES.get(file?.change ?? '');
  const isOpen = diff !== undefined && diff.lines.length <= 200;
  return html`<details class="file" ${isOpen ? html`open` : NOTHING}><summary><code class="path">${said(path, 1000)}</code>${by}${classes}${change === undefined ? NOTHING : html`<span class="sub">${change}</span>`}${size}</summary>${diff === undefined ? html`<p class="no-text inner">No lines of it are here.</p>` : diffLines(diff, drawing)}</details>`;
}

const SIGNS = { hunk: '', add: '+', del: '\u2212', same: ' ', note: '' } as const;

function diffLines({ path, lines }: FileDiff, drawing: Drawing): Html {
  const { shown: drawn, more } = cutList(
    lines,
    drawing.diffLines(Math.min(lines.length, LIMITS.diffLinesOfFile)),
  );
  const rows = drawn.map(({ kind, text, line }) => {
    const most = drawing.characters(Math.min(text.length, LIMITS.lineCharacters));
    return html`<tr class="${kind}"><td class="n">${line}</td><td class="s">${SIGNS[kind]}</td><td class="l"><bdi>${shown(text.replaceAll('\t', '    '), most + 3 * (text.split('\t').length - 1), false)}</bdi></td></tr>`;
  });
  return html`<div class="scroll diff" tabindex="0" role="region" aria-label="Lines of ${path.slice(0, 200)}"><table><caption class="hidden">Lines of ${path.slice(0, 200)}</caption><thead class="hidden"><tr><th scope="col">Line</th><th scope="col">Sign</th><th scope="col">Text</th></tr></thead><tbody>${rows}</tbody></table></div>${more > 0 ? html`<p class="more inner">\u2026 ${count(more, 'more line')}, in the diff itself.</p>` : NOTHING}`;
}
