import { createHash } from 'node:crypto';
import { recordDigest } from '../../core/digest.ts';
import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import { chain } from './chain.ts';
import { changes } from './changes.ts';
import { checkPanel } from './check.ts';
import { type Drawing, drawingOf } from './drawing.ts';
import { drawnText } from './drawn-text.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from './generated/assets.ts';
import { glance } from './glance.ts';
import { dataBlock, Html, html, isEmpty, NOTHING, said } from './html.ts';
import { iconSheet } from './icons.ts';
import { missing } from './missing.ts';
import { requests } from './requests.ts';
import { rollbacks } from './rollback.ts';
import { timeline } from './timeline.ts';
import { moment, oid, wholeId } from './words.ts';

export interface PageOptions {
  /** A command that prints the whole document, where there is no bundle whose evidence.json holds it. */
  readonly command?: string;
}

/**
 * The page of a bundle: one HTML file that reads without network and without scripts. `diffs` by commit. The same
 * document and diffs give the same bytes.
 */
export function renderPage(
  evidence: EvidenceDocument,
  diffs: ReadonlyMap<string, string>,
  options: PageOptions = {},
): string {
  const drawing = drawingOf(evidence, diffs, options.command ?? 'evidence.json');
  const isOfBundle = options.command === undefined;
  const sections = [
    ['glance', 'At a glance', glance(drawing)],
    ['missing', 'What is missing', missing(drawing)],
    ['check', 'Check it', isOfBundle ? checkPanel() : NOTHING],
    ['chain', 'The chain', chain(drawing)],
    ['timeline', 'What happened', timeline(drawing)],
    ['changes', 'What changed', changes(drawing)],
    ['rollback', 'Can it be undone', rollbacks(drawing)],
    ['requests', 'Requests', requests(drawing)],
  ] as const;
  const present = sections.filter(([, , section]) => !isEmpty(section));
  return html`${new Html('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Evidence: ${evidence.question.name.slice(0, 200)}</title>
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the evidence</a>
${iconSheet()}
${banner(drawing)}
<div class="layout">
<nav aria-label="On this page"><ul>${present.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main id="main">
${present.map(([, , section]) => section)}
</main>
</div>
${footer(drawing)}
${dataBlock('drawn', drawnFrom(drawing))}
<script>${new Html(PAGE_SCRIPT)}</script>
</body>
</html>
`.source;
}

const POLICY = [
  "default-src 'none'",
  `script-src '${sourceHash(PAGE_SCRIPT)}'`,
  `style-src '${sourceHash(PAGE_STYLE)}'`,
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

function sourceHash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** What the page's script compares the bundle's files with. */
function drawnFrom({ evidence, diffs }: Drawing): object {
  return {
    evidence: recordDigest(drawnText(evidence)),
    records: [...new Set(evidence.changes.flatMap(({ record }) => (record == null ? [] : [record])))],
    diffs: Object.fromEntries([...diffs].map(([commit, text]) => [commit, recordDigest(text)])),
  };
}

const KINDS = {
  commit: 'Commit',
  txn: 'Transaction',
  mr: 'Merge request',
  range: 'Range',
  last: 'Last change',
} as const;

function banner({ evidence }: Drawing): Html {
  const { question, repository, ledger, madeAt } = evidence;
  const classes =
    question.classes.length === 0
      ? NOTHING
      : html` <span class="of">of ${said(question.classes.join(', '), 300)}</span>`;
  return html`<header class="banner"><div class="inner-banner">
<p class="product">git-agent-log <span>Evidence</span></p>
<h1><span class="kind">${KINDS[question.kind]}</span> ${said(question.name, 300)}${classes}</h1>
<dl class="meta"><div><dt>Made</dt><dd>${moment(madeAt)}</dd></div><div><dt>Target</dt><dd>${repository.target === null ? 'none known' : html`${said(repository.target.ref, 200)} at ${oid(repository.target.commit)}`}</dd></div><div><dt>Repository</dt><dd>${repository.roots[0] === undefined ? 'no root commit known' : html`root ${oid(repository.roots[0])}`}, ${repository.format.toUpperCase()}</dd></div><div><dt>Ledger</dt><dd>${ledger.tip === null ? 'none' : html`at ${oid(ledger.tip)}`}</dd></div></dl>
</div></header>`;
}

function footer({ evidence, place }: Drawing): Html {
  const { ledger, repository } = evidence;
  return html`<footer><p>Drawn from ${place}. Times are in UTC. <em>Asserted</em>: anybody may have said so. <em>Imported</em>: a tool or host said so. <em>Evaluated</em>: signed by the pipeline. <em>Attested</em>: signed by the person.</p>
<p>Ledger ${said(ledger.ref, 100)} ${ledger.tip === null ? NOTHING : wholeId(ledger.tip)}${repository.target === null ? NOTHING : html`; target ${wholeId(repository.target.commit)}`}</p></footer>`;
}
