import type { Binding } from '../core/records/binding.ts';
import type { ExecutionRecord } from '../core/records/record.ts';
import type { Signal } from '../identity/agents/marks.ts';
import { captureOf, type ShowDocument } from '../ledger/reading/describe.ts';
import { type MissingTexts, type ShownText, type Texts, withText } from '../ledger/reading/shown-texts.ts';
import type { Why, WhyCommit, WhyRun } from './why.ts';

/** A text of a record: its digest always, and the text itself where it can be read. */
export type ToldText = Readonly<ShownText>;

type Teller = (ref: { readonly digest: string; readonly size: number }) => ShownText;

/** What `git agent-log why --json` prints. */
export interface WhyDocument {
  readonly schema: 'agent-log/why/v1';
  readonly file: string;
  /** Null: the file as it lies in the worktree. */
  readonly revision: string | null;
  /** The lines asked for; null for the whole file. */
  readonly asked: { readonly from: number; readonly to: number } | null;
  /** Their text, where lines were asked for. */
  readonly text: string | null;
  readonly lines: number;
  readonly groups: readonly WhyGroup[];
}

/** Lines of one transaction, of one author without a record, or of nobody yet. */
export interface WhyGroup {
  readonly authorship: 'agent' | 'human' | 'unknown' | 'uncommitted';
  readonly txn: string | null;
  /** `Name <email>` of the commits' author, where no record tells more. */
  readonly author: string | null;
  readonly agent: { readonly name: string; readonly version: string | null } | null;
  readonly model: { readonly provider: string | null; readonly name: string | null } | null;
  readonly sponsor: {
    readonly name: string;
    readonly email: string;
    readonly source: string;
    readonly verified: boolean;
  } | null;
  readonly task: (ToldText & { readonly ref: string | null }) | null;
  readonly lines: number;
  readonly runs: readonly { readonly from: number; readonly to: number }[];
  readonly commits: readonly WhyGroupCommit[];
}

export interface WhyGroupCommit {
  readonly commit: string;
  readonly subject: string;
  readonly author: string;
  readonly path: string;
  readonly lines: number;
  readonly runs: readonly WhyRun[];
  readonly binding: Binding;
  readonly sealed: boolean;
  readonly record: string | null;
  readonly recordedAt: string | null;
  readonly by: ExecutionRecord['files'][number]['by'] | null;
  readonly reason: ToldText | null;
  /** How the record came about: a record written after the fact must not pass for one that was seen. */
  readonly capture: NonNullable<ShowDocument['capture']> | null;
  readonly signals: readonly Signal[];
  readonly problems: readonly string[];
  readonly shallow: boolean;
}

const LONGEST_TEXT = 4096;

/** Lines by who they come from, the group with most lines first. */
export function whyDocument(why: Why, texts: Texts, missing: MissingTexts = new Map()): WhyDocument {
  const told: Teller = (ref) => withText(ref, texts, missing);
  const { file } = why;
  const groups = [...uncommitted(why), ...groupCommits(why.commits).map((commits) => groupOf(commits, told))];
  return {
    schema: 'agent-log/why/v1',
    file: file.path,
    revision: file.revision,
    asked: file.lines,
    text: file.lines === null ? null : textOf(file.content, file.lines),
    lines: why.lines,
    groups: groups.sort((a, b) => b.lines - a.lines || (a.runs[0]?.from ?? 0) - (b.runs[0]?.from ?? 0)),
  };
}

function groupCommits(commits: readonly WhyCommit[]): WhyCommit[][] {
  const groups = new Map<string, WhyCommit[]>();
  for (const commit of commits) {
    const key = commit.txn ?? `${commit.authorship} ${commit.author}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [commit]);
    else group.push(commit);
  }
  return [...groups.values()];
}

function groupOf(commits: readonly WhyCommit[], told: Teller): WhyGroup {
  const [first] = commits;
  const record = first?.record ?? null;
  const runs = commits.flatMap((commit) => commit.runs);
  return {
    authorship: first?.authorship ?? 'unknown',
    txn: first?.txn ?? null,
    author: record === null ? (first?.author ?? null) : null,
    agent: record === null ? null : { name: record.agent.name, version: record.agent.version },
    model: record === null ? null : { provider: record.model.provider, name: record.model.name },
    // Of several commits the sponsor is sure when they answer for every one of them.
    sponsor: record?.sponsor
      ? { ...record.sponsor, verified: commits.every((commit) => commit.isAnsweredFor) }
      : null,
    task: record?.task ? { ...told(record.task), ref: record.task.ref } : null,
    lines: linesIn(runs),
    runs: merged(runs),
    commits: commits.map((commit) => groupCommit(commit, told)),
  };
}

function groupCommit(commit: WhyCommit, told: Teller): WhyGroupCommit {
  const { record, digest, authorship: _, txn: _txn, isAnsweredFor: _is, ...rest } = commit;
  return {
    ...rest,
    record: digest,
    recordedAt: record?.recordedAt ?? null,
    capture: record === null ? null : captureOf(record),
    reason: record?.reason ? told(record.reason) : null,
  };
}

function uncommitted({ uncommitted: runs }: Why): WhyGroup[] {
  if (runs.length === 0) return [];
  return [
    {
      authorship: 'uncommitted',
      txn: null,
      author: null,
      agent: null,
      model: null,
      sponsor: null,
      task: null,
      lines: linesIn(runs),
      runs: merged(runs),
      commits: [],
    },
  ];
}

function linesIn(runs: readonly { from: number; to: number }[]): number {
  return runs.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** Runs in order, with no seam where two meet. */
function merged(runs: readonly WhyRun[]): { from: number; to: number }[] {
  const all: { from: number; to: number }[] = [];
  for (const { from, to } of [...runs].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last?.to === from - 1) last.to = to;
    else all.push({ from, to });
  }
  return all;
}

function textOf(content: Buffer, { from, to }: { from: number; to: number }): string {
  let start = 0;
  for (let line = 1; line < from; line++) start = content.indexOf(10, start) + 1;
  let end = start;
  for (let line = from; line <= to && end < content.length; line++) {
    const feed = content.indexOf(10, end);
    end = feed < 0 ? content.length : feed + 1;
  }
  return content
    .subarray(start, Math.min(end, start + LONGEST_TEXT))
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
