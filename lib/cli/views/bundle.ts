import type { BundleFile, Evidence } from '../../evidence/bundle/evidence.ts';
import { isZipPath } from '../../evidence/bundle/write.ts';
import type { Paint } from '../terminal/io.ts';
import { block, count, oneLine, shellWord } from './text.ts';

interface Options {
  readonly paint: Paint;
  readonly columns: number;
}

const MOST_GAPS = 10;

/** What was put into a bundle, what is missing from it, and how it is verified. */
export function renderBundle(
  evidence: Evidence,
  files: readonly BundleFile[],
  path: string,
  { paint, columns }: Options,
): string {
  const lines = [
    paint.strong(
      `${oneLine(path, Number.POSITIVE_INFINITY)}  (${count(files.length, 'file')}, ${sizeOf(files)})`,
    ),
    ...rowsOf(evidence).flatMap(([name, text]) => underName(name, 11, text, { paint, columns })),
    ...missingOf(evidence, paint, columns),
    '',
    `Verify it: git agent-log verify ${shellWord(path)}`,
    `Without this tool: ${isZipPath(path) ? 'README.md in it says how' : `${shellWord(`${path}/README.md`)} says how`}`,
  ];
  return `${lines.join('\n')}\n`;
}

function rowsOf({
  document,
  notes,
  signed,
  texts,
  targetFiles,
  history,
  proof,
}: Evidence): [string, string][] {
  const { question, txns, changes, decisions, approvals, rollbacks } = document;
  const verdicts = rollbacks.map(({ plan }) => plan?.verdict ?? 'not planned');
  return [
    ['about', `${question.kind} ${question.name}`],
    ['txns', txns.map(({ txn, state }) => `${txn} (${state})`).join(', ') || 'none'],
    [
      'commits',
      `${changes.length}, ${count(changes.filter(({ record }) => record != null).length, 'with a record', 'with a record')}`,
    ],
    [
      'checks',
      `${count(decisions.length, 'decision')}, ${count(approvals.length, 'approval')}, ${count(signed.length, 'signed record')}`,
    ],
    [
      'texts',
      texts.length === 0
        ? 'none in clear'
        : `${count(texts.length, 'text')} IN CLEAR: whoever has the bundle reads them`,
    ],
    ['target', count(targetFiles.length, 'file')],
    ['rollback', verdicts.join(', ') || 'nothing to plan'],
    [
      'proof',
      proof === null
        ? 'none: there is no ledger'
        : `${count(notes.length, 'note')} of the ledger at ${document.ledger.tip?.slice(0, 12) ?? 'none'}`,
    ],
    ...(history === null ? [] : [['history', 'all of it, other transactions too'] as [string, string]]),
  ];
}

function missingOf({ document }: Evidence, paint: Paint, columns: number): string[] {
  const { missing } = document;
  if (missing.length === 0) return ['', paint.good('Nothing that is looked for is missing.')];
  const shown = missing
    .slice(0, MOST_GAPS)
    .flatMap(({ kind, of, why }) => underName(kind, 14, `${shortened(of)}: ${why}`, { paint, columns }));
  const more = missing.length - Math.min(missing.length, MOST_GAPS);
  return [
    '',
    paint.warn(`Missing (${missing.length}):`),
    ...shown,
    ...(more > 0 ? [`  and ${more} more, in manifest.json`] : []),
  ];
}

/** Text beside a name, wrapped under its own beginning: what is told of evidence is told whole. */
function underName(name: string, width: number, text: string, { paint, columns }: Options): string[] {
  const [first = '', ...rest] = block(text.replaceAll(/\s+/g, ' ').trim(), 2 + width, {
    paint,
    columns,
    full: true,
  });
  return [`  ${name.padEnd(width)}${first.trimStart()}`, ...rest];
}

/** Ids by their beginning. */
function shortened(of: string): string {
  return /^(sha256:)?[0-9a-f]{40,64}$/.test(of) ? of.slice(0, of.startsWith('sha256:') ? 19 : 12) : of;
}

function sizeOf(files: readonly BundleFile[]): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
