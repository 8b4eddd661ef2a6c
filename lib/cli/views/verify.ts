import { AgentLogError } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';
import type { Check, VerifyDocument } from '../../evidence/verify/report.ts';
import { type Paint, PLAIN } from '../terminal/io.ts';
import { block, count } from './text.ts';

const MOST_SHOWN = 5;

/** What each check looks at, for people. */
const ABOUT: Readonly<Record<string, string>> = {
  container: 'the bundle can be read, and in one way only',
  manifest: 'the manifest is as its schema says',
  files: 'every file is named by the manifest, with its digest',
  maker: 'who signed the manifest',
  pack: 'the objects that prove where lines lie',
  notes: "each note lies in the ledger's tree, byte for byte",
  objects: 'commits and trees are what their ids say',
  paths: 'one plain file for each note',
  records: 'lines are records as their schemas say',
  placement: 'lines lie on the notes they are of',
  completeness: 'records that commits name are there',
  bindings: 'commits, messages, bindings and records agree',
  patches: 'patch-ids are those of the commits',
  chains: 'each record follows the one before it',
  history: 'the ledger only ever grew',
  signatures: 'signatures hold, and what they sign is there',
  signers: 'records are signed by whom they name',
  policies: 'policies are those of the target',
  subjects: 'what was decided and approved is what there is',
  checkpoints: 'the ledger had as many notes as was told',
  texts: 'texts are those the records name',
  claims: 'evidence.json says what the proof says',
  gaps: 'what is missing is said to be',
  diffs: 'diffs are what the commits change',
  readings: 'page, README, lists and statements are made of it',
  'full-history': 'history.bundle is complete and leads there',
  repository: 'it is of the repository one knows',
  target: 'the target is where somebody saw it',
  coverage: 'all that was asked for is there',
  pinned: 'what is pinned is there',
  environment: 'nothing shows others another history',
  population: 'what was looked at',
};

const KINDS: Readonly<Record<string, [string, string]>> = {
  commits: ['commit', 'commits'],
  notes: ['note', 'notes'],
  lines: ['line', 'lines'],
  txns: ['transaction', 'transactions'],
  execution: ['execution record', 'execution records'],
  'foreign entries': ['foreign entry', 'foreign entries'],
};

/** What to do about a check that fails. */
const HINTS: Readonly<Record<string, string>> = {
  container: 'Get the bundle again. Do not unpack it with another program and verify the folder instead.',
  files: 'The bundle was changed after it was made, or is damaged: get it again from whoever made it.',
  completeness:
    'Get the records with `git agent-log sync --fetch`. If they are not there either, they were dropped: ask for a clone that has them.',
  history:
    'Somebody took lines away from refs/notes/agent-log. A clone that still has them gives them back: `git agent-log sync` there.',
  bindings:
    '`git agent-log show <commit>` tells what is said of it. A clone from before may have the line as it was.',
  readings:
    'Do not open index.html: somebody changed what people and tools read. evidence.json and the records are checked by themselves; ask for the bundle again.',
  signers: 'Somebody signed in the name of somebody else, or the roster of the target lost a key.',
  maker: 'Ask whoever sent the bundle which key it is signed with, by another way than the bundle.',
  pinned: 'What was pinned was there once: compare with whoever made the trust file.',
};

export function renderVerified(document: VerifyDocument, paint: Paint, columns: number): string {
  const lines = [paint.strong(headline(document)), ''];
  for (const check of document.checks) lines.push(...checkLines(check, paint, columns));
  lines.push('', populationLine(document, columns), ...trustLines(document, columns));
  return `${lines.join('\n')}\n`;
}

function headline({ subject, ok, checks, first }: VerifyDocument): string {
  const what = subject.kind === 'all' ? 'the whole ledger' : escapeTerminal(subject.name);
  const open = checks.filter(({ result }) => result === 'not-checkable').length;
  const rest = open === 0 ? '' : `; ${count(open, 'check')} could not be made in full`;
  return ok ? `${what}: nothing was found wrong${rest}` : `${what}: does NOT verify (${first ?? ''})`;
}

function checkLines(
  { name, result, checked, says, problems, unknown, ...left }: Check,
  paint: Paint,
  columns: number,
): string[] {
  const tint = result === 'pass' ? paint.good : result === 'fail' ? paint.bad : paint.warn;
  const about = `${name}: ${ABOUT[name] ?? ''}`;
  const times = checked > 0 ? paint.faint(` (${checked})`) : '';
  return [
    `${tint(result.padEnd(13))} ${about}${times}`,
    ...(says === null ? [] : wrapped(says, columns)),
    ...findingLines(problems, left.problemsLeftOut, columns),
    ...findingLines(unknown, left.unknownLeftOut, columns),
  ];
}

function findingLines(findings: Check['problems'], leftOut: number, columns: number): string[] {
  const more = findings.length - Math.min(findings.length, MOST_SHOWN) + leftOut;
  return [
    ...findings
      .slice(0, MOST_SHOWN)
      .flatMap(({ of, says }) => wrapped(of === null ? says : `${of}: ${says}`, columns)),
    ...(more > 0 ? wrapped(`and ${more} more`, columns) : []),
  ];
}

function wrapped(text: string, columns: number): string[] {
  return block(text.replaceAll('\n', ' '), 14, { paint: PLAIN, columns, full: true });
}

function populationLine({ population }: VerifyDocument, columns: number): string {
  const kinds = Object.entries(population).map(([kind, n]) => count(n, ...wordsOf(kind)));
  return block(`Looked at: ${kinds.join(', ') || 'nothing'}`, 0, { paint: PLAIN, columns, full: true }).join(
    '\n',
  );
}

/** One of a kind, and many. Kinds of records are called as their schemas are. */
function wordsOf(kind: string): [string, string] {
  const known = KINDS[kind];
  const word = kind.replaceAll('-', ' ');
  return known ?? [word, `${word}s`];
}

function trustLines({ trusted, subject, checks }: VerifyDocument, columns: number): string[] {
  if (trusted.length > 0) {
    const signers = checks.find(({ name }) => name === 'signers')?.says ?? null;
    const approved = trusted.includes('signers') && signers !== null ? [`Approvals: ${signers}`] : [];
    return [`Compared with what is pinned: ${trusted.join(', ')}`, ...approved].flatMap((line) =>
      block(line, 0, { paint: PLAIN, columns, full: true }),
    );
  }
  const what = subject.kind === 'bundle' ? 'the bundle is of your repository' : 'nobody made all of it anew';
  return [`Nothing is pinned (--trust): that ${what} is not shown.`];
}

/** The first class of tampering, as the error the command ends with; null when nothing failed. */
export function failureOf({ checks, first }: VerifyDocument): AgentLogError | null {
  const check = checks.find(({ name }) => name === first);
  if (check === undefined || first === null) return null;
  const [problem] = check.problems;
  const of = problem?.of == null ? '' : `${problem.of}: `;
  return new AgentLogError(
    'NOT_VERIFIED',
    'integrity',
    `it does not verify: ${first}: ${of}${problem?.says ?? ''}`,
    {
      hints: [HINTS[first] ?? 'docs/verify.md says what each check means, and what its failure can mean.'],
    },
  );
}
