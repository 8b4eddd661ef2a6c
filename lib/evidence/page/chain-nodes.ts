import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import { isOpen, runsOf, runTone } from './outcome.ts';
import { BINDINGS, branchName, type Change, STATES, type Tone } from './words.ts';

export const LANES = ['Asked', 'Committed', 'Checked', 'Approved', 'Became'] as const;

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

function askedAndDone({ changes, txns }: EvidenceDocument): Unplaced[] {
  const ofTxns = txns.flatMap((txn) => {
    const own = changes.filter((change) => change.txn === txn.txn);
    return [askedNode(txn.txn, own), ...own.map((change) => commitNode(change, `txn ${txn.txn}`))];
  });
  const known = new Set(txns.map(({ txn }) => txn));
  const rest = changes.filter(({ txn }) => txn === null || !known.has(txn));
  return [...ofTxns, ...rest.map((change) => commitNode(change, ''))];
}

function askedNode(txn: string, changes: readonly Change[]): Unplaced {
  const task = changes.find((change) => change.task !== null)?.task ?? null;
  const id = `txn ${txn}`;
  if (task === null) return gap(id, 0, 'No task', 'none was recorded', []);
  const sub = changes[0]?.sponsor?.name ?? 'nobody answers for it';
  return {
    id,
    lane: 0,
    tone: 'idle',
    isGap: false,
    title: task.text ?? 'Task not shown',
    sub: `for ${sub}`,
    of: [],
  };
}

function commitNode(change: Change, from: string): Unplaced {
  const { commit, binding, integrity, record } = change;
  const id = `commit ${commit}`;
  const of = from === '' ? [] : [from];
  if (record == null)
    return { id, lane: 1, tone: 'warn', isGap: true, title: shortOid(commit), sub: 'without a record', of };
  const tone = integrity.ok ? BINDINGS[binding].tone : 'bad';
  const seal = change.sealed ? 'sealed' : 'not sealed';
  return { id, lane: 1, tone, isGap: false, title: shortOid(commit), sub: `${binding}, ${seal}`, of };
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
    const passed = run.decisions.filter((one) => one.decision.result === 'pass').length;
    const open = run.decisions.filter(isOpen).length;
    const title = `${decision.stage}: ${passed} of ${run.decisions.length} pass`;
    return {
      id: `run ${i}`,
      lane: 2,
      tone: runTone(run),
      isGap: false,
      title,
      sub: open > 0 ? `${open} did not, ${basis}` : basis,
      of: [`commit ${decision.subject.head}`],
    };
  });
  const approved = approvals.map(({ approval, basis, present }, i): Unplaced => {
    const isYes = approval.kind !== 'withdrawal' && basis !== 'asserted';
    const word = approval.kind === 'approval' ? '' : `${approval.kind}, `;
    const sub = `${word}${basis}${present ? ', in person' : ''}`;
    const before = runs.findLastIndex(({ first }) => first.decision.subject.head === approval.subject.head);
    const of = before < 0 ? `commit ${approval.subject.head}` : `run ${before}`;
    return {
      id: `approval ${i}`,
      lane: 3,
      tone: isYes ? 'ok' : 'warn',
      isGap: false,
      title: approval.by.name,
      sub,
      of: [of],
    };
  });
  if (checked.length === 0) checked.push(gap('run none', 2, 'No check', 'no decision on record', lastIds));
  if (approved.length === 0) {
    const of = runs.length === 0 ? ['run none'] : [`run ${runs.length - 1}`];
    approved.push(gap('approval none', 3, 'No approval', 'nobody said yes on record', of));
  }
  return [...checked, ...approved];
}

/** What became of each transaction follows from the last approval of it, else from the last commit. */
function became(
  { txns, changes, repository, approvals }: EvidenceDocument,
  nodes: readonly Unplaced[],
): Unplaced[] {
  const target = repository.target === null ? 'no target known' : `on ${branchName(repository.target.ref)}`;
  return txns.map(({ txn, state }) => {
    const { tone, word } = STATES[state];
    const approval = approvals.findLastIndex(({ approval: one }) => one.txns.includes(txn));
    const last = changes.findLast((change) => change.txn === txn);
    const from =
      approval >= 0
        ? `approval ${approval}`
        : nodes.some(({ id }) => id === 'approval none') && txns.length === 1
          ? 'approval none'
          : `commit ${last?.commit ?? ''}`;
    return {
      id: `became ${txn}`,
      lane: 4,
      tone,
      isGap: state === 'unknown',
      title: word,
      sub: target,
      of: [from],
    };
  });
}

function placed(nodes: readonly Unplaced[]): ChainNode[] {
  const rows = new Map<string, number>();
  const free = LANES.map(() => 0);
  return nodes.map((node) => {
    const after = node.of.map((id) => rows.get(id) ?? 0);
    const row = Math.max(free[node.lane] ?? 0, ...after);
    // A transaction is asked for beside its first commit.
    const own = node.lane === 0 ? Math.max(row, free[1] ?? 0) : row;
    rows.set(node.id, own);
    free[node.lane] = own + 1;
    return { ...node, row: own };
  });
}
