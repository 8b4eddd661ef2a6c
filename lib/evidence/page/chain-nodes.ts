import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import { answeringFor, type Run, runsOf, runTone, tallyOf } from './outcome.ts';
import { type Approval, BINDINGS, branchName, type Change, STATES, type Tone } from './words.ts';

export const LANES = ['Asked', 'Committed', 'Checked', 'Approved', 'Became'] as const;

const [ASKED, COMMITTED, CHECKED, APPROVED, BECAME] = [0, 1, 2, 3, 4] as const;

/** A link of the chain. */
export interface ChainNode {
  readonly id: string;
  readonly lane: number;
  readonly row: number;
  readonly tone: Tone;
  /** It stands for what is not there. */
  readonly isGap: boolean;
  readonly title: string;
  readonly sub: string;
  /** Links it follows from. */
  readonly of: readonly string[];
}

type Unplaced = Omit<ChainNode, 'row'>;

/** The links of the chain, each in its lane and no higher than what it follows from. */
export function chainNodes(evidence: EvidenceDocument): ChainNode[] {
  const nodes = [...askedAndDone(evidence), ...checkedAndApproved(evidence)];
  return placed([...nodes, ...became(evidence, nodes)]);
}

function askedAndDone(evidence: EvidenceDocument): Unplaced[] {
  const { changes, txns } = evidence;
  const ofTxns = txns.flatMap((txn) => {
    const own = changes.filter((change) => change.txn === txn.txn);
    return [
      askedNode(txn.txn, own, answeringFor(txn, evidence)[0]?.name),
      ...own.map((change) => commitNode(change, `txn ${txn.txn}`)),
    ];
  });
  const known = new Set(txns.map(({ txn }) => txn));
  const rest = changes.filter(({ txn }) => txn === null || !known.has(txn));
  return [...ofTxns, ...rest.map((change) => commitNode(change, ''))];
}

function askedNode(txn: string, changes: readonly Change[], name: string | undefined): Unplaced {
  const task = changes.find((change) => change.task !== null)?.task ?? null;
  const id = `txn ${txn}`;
  if (task === null) return gap(id, ASKED, 'No task', 'none was recorded', []);
  const sub = name === undefined ? 'nobody is named' : `for ${name}`;
  return {
    id,
    lane: ASKED,
    tone: 'idle',
    isGap: false,
    title: task.text ?? 'Task not shown',
    sub,
    of: [],
  };
}

function commitNode(change: Change, from: string): Unplaced {
  const { commit, binding, integrity, record } = change;
  const id = `commit ${commit}`;
  const of = from === '' ? [] : [from];
  if (record == null)
    return {
      id,
      lane: COMMITTED,
      tone: 'warn',
      isGap: true,
      title: shortOid(commit),
      sub: 'without a record',
      of,
    };
  const tone = integrity.ok ? BINDINGS[binding].tone : 'bad';
  const seal = change.sealed ? 'sealed' : 'not sealed';
  return { id, lane: COMMITTED, tone, isGap: false, title: shortOid(commit), sub: `${binding}, ${seal}`, of };
}

function gap(id: string, lane: number, title: string, sub: string, of: readonly string[]): Unplaced {
  return { id, lane, tone: 'warn', isGap: true, title, sub, of };
}

function checkedAndApproved({ changes, decisions, approvals }: EvidenceDocument): Unplaced[] {
  const runs = runsOf(decisions);
  const last = changes.at(-1);
  const lastIds = last === undefined ? [] : [`commit ${last.commit}`];
  const checked = runs.map((run, i): Unplaced => {
    const { decision, basis } = run.first;
    const { passed, applied, open } = tallyOf(run.decisions);
    const title = `${decision.stage}: ${passed}/${applied} pass`;
    return {
      id: `run ${i}`,
      lane: CHECKED,
      tone: runTone(run),
      isGap: false,
      title,
      sub: open > 0 ? `${open} did not, ${basis}` : basis,
      of: [`commit ${decision.subject.head}`],
    };
  });
  const approved = approvals.map((approval, i) => approvalNode(approval, i, runs));
  if (checked.length === 0)
    checked.push(gap('run none', CHECKED, 'No check', 'no decision on record', lastIds));
  if (!approved.some(({ lane }) => lane === APPROVED)) {
    const of = runs.length === 0 ? ['run none'] : [`run ${runs.length - 1}`];
    approved.push(gap('approval none', APPROVED, 'No approval', 'nobody said yes on record', of));
  }
  return [...checked, ...approved];
}

/** An approval follows from the last check before it of the same head; who answers for it stands beside what was asked. */
function approvalNode({ approval, basis, present }: Approval, i: number, runs: readonly Run[]): Unplaced {
  const id = `approval ${i}`;
  const tone = approval.kind !== 'withdrawal' && basis !== 'asserted' ? 'ok' : 'warn';
  const how = `${basis}${present ? ', in person' : ''}`;
  const title = approval.by.name;
  if (approval.kind === 'sponsorship')
    return { id, lane: ASKED, tone, isGap: false, title, sub: `answers, ${how}`, of: [] };
  const before = runs.findLastIndex(
    ({ first: { decision } }) =>
      decision.subject.head === approval.subject.head && decision.recordedAt <= approval.recordedAt,
  );
  const of = before < 0 ? `commit ${approval.subject.head}` : `run ${before}`;
  const sub = approval.kind === 'approval' ? how : `withdrawn, ${how}`;
  return { id, lane: APPROVED, tone, isGap: false, title, sub, of: [of] };
}

/** What became of each transaction follows from the last that was said of it: approval and check, else its last commit. */
function became(
  { txns, changes, repository, approvals, decisions }: EvidenceDocument,
  nodes: readonly Unplaced[],
): Unplaced[] {
  const target = repository.target === null ? 'no target known' : `on ${branchName(repository.target.ref)}`;
  const runs = runsOf(decisions);
  return txns.map(({ txn, state }) => {
    const { tone, word } = STATES[state];
    const run = runs.findLastIndex(({ first }) => first.decision.txns.includes(txn));
    const approval = approvals.findLastIndex(
      ({ approval: one }) => one.kind === 'approval' && one.txns.includes(txn),
    );
    const said = [approval < 0 ? '' : `approval ${approval}`, run < 0 ? '' : `run ${run}`].filter(
      (id) => id !== '',
    );
    const gaps = nodes.filter(({ id }) => id === 'approval none').map(({ id }) => id);
    const last = changes.findLast((change) => change.txn === txn);
    const of = said.length > 0 ? said : gaps.length > 0 ? gaps : [`commit ${last?.commit ?? ''}`];
    return {
      id: `became ${txn}`,
      lane: BECAME,
      tone,
      isGap: state === 'unknown',
      title: word,
      sub: target,
      of,
    };
  });
}

function placed(nodes: readonly Unplaced[]): ChainNode[] {
  const rows = new Map<string, number>();
  const free = LANES.map(() => 0);
  return nodes.map((node) => {
    const after = node.of.map((id) => rows.get(id) ?? 0);
    const row = Math.max(free[node.lane] ?? 0, clearOf(node, free), ...after);
    rows.set(node.id, row);
    free[node.lane] = row + 1;
    return { ...node, row };
  });
}

/** A transaction is asked for beside its first commit, and no line runs behind the box of a check it has nothing to do with. */
function clearOf({ id, lane, of }: Unplaced, free: readonly number[]): number {
  if (id.startsWith('txn ')) return free[COMMITTED] ?? 0;
  return lane === APPROVED && of.some((from) => from.startsWith('commit ')) ? (free[CHECKED] ?? 0) : 0;
}
