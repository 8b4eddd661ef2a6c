import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';

/** What a bundle was made of, as far as the control map looks at it. */
export interface Controlled {
  readonly document: EvidenceDocument;
  readonly signed: readonly object[];
  readonly targetFiles: readonly object[];
  readonly texts: readonly object[];
  readonly proof: Uint8Array | null;
}

/** Where something is in a bundle. */
export interface Place {
  /** A file of the bundle; `*` stands for names that differ. */
  readonly file: string;
  /** A field in it, as `changes[].sponsor`; null: the file as a whole. */
  readonly field: string | null;
}

/** A matter that controls ask about, and how much of it a bundle has. */
export interface Topic {
  /** What it is, for people. */
  readonly is: string;
  readonly places: readonly Place[];
  /** Of how many there are, how many have it. None of none is nothing. */
  readonly has: (evidence: Controlled) => { readonly have: number; readonly of: number };
}

type Change = EvidenceDocument['changes'][number];

const inEvidence = (field: string): Place => ({ file: 'evidence.json', field });
const whole = (file: string): Place => ({ file, field: null });

/** So many of the changes. */
function ofChanges(is: (change: Change) => boolean): Topic['has'] {
  return ({ document }) => ({ have: document.changes.filter(is).length, of: document.changes.length });
}

/** There, or not. */
function once(is: (evidence: Controlled) => boolean): Topic['has'] {
  return (evidence) => ({ have: is(evidence) ? 1 : 0, of: 1 });
}

/** So many of the transactions. */
function ofTxns(is: (txn: string, document: EvidenceDocument) => boolean): Topic['has'] {
  return ({ document }) => ({
    have: document.txns.filter(({ txn }) => is(txn, document)).length,
    of: document.txns.length,
  });
}

export type TopicName =
  | 'change'
  | 'state'
  | 'task'
  | 'agent'
  | 'actions'
  | 'sponsor'
  | 'classes'
  | 'diff'
  | 'policy'
  | 'decisions'
  | 'tests'
  | 'approvals'
  | 'separation'
  | 'landing'
  | 'rollback'
  | 'replay'
  | 'exceptions'
  | 'integrity'
  | 'signatures'
  | 'times'
  | 'privacy'
  | 'population';

/** Every matter of the control map. */
export const TOPICS: Readonly<Record<TopicName, Topic>> = {
  change: {
    is: 'the commit that was made, and how firmly the record belongs to it',
    places: [inEvidence('changes[].commit'), inEvidence('changes[].binding'), whole('records/*.jsonl')],
    has: ofChanges(({ binding }) => binding !== 'claimed' && binding !== 'none'),
  },
  state: {
    is: 'the state of the repository the work began from',
    places: [inEvidence('changes[].base'), whole('proof.pack')],
    has: ofChanges(({ base }) => base !== null && base.commit !== null),
  },
  task: {
    is: 'what was asked for: the task, its ticket, the prompts',
    places: [inEvidence('changes[].task'), inEvidence('changes[].prompts'), whole('texts.json')],
    has: ofChanges(({ task, prompts }) => task !== null || prompts.length > 0),
  },
  agent: {
    is: 'which agent with which model did it',
    places: [inEvidence('changes[].agent'), inEvidence('changes[].model')],
    has: ofChanges(({ agent }) => agent !== null),
  },
  actions: {
    is: 'what the agent read and ran, each call with its time and outcome',
    places: [inEvidence('changes[].toolCalls'), inEvidence('changes[].context')],
    has: ofChanges(({ toolCalls, context }) => toolCalls.length > 0 || context.length > 0),
  },
  sponsor: {
    is: 'the person who answers for it',
    places: [inEvidence('txns[].sponsor'), inEvidence('changes[].sponsor')],
    has: ofChanges(({ sponsor }) => sponsor !== null),
  },
  classes: {
    is: 'how risky it is: the classes of the files it changes',
    places: [inEvidence('changes[].files[].classes'), inEvidence('decisions[].decision.classes')],
    has: ofChanges(({ files }) => files.length > 0),
  },
  diff: {
    is: 'what was changed, line by line',
    places: [inEvidence('diffs'), whole('diffs/*.diff')],
    has: ({ document: { diffs, changes } }) => ({ have: diffs.length, of: changes.length }),
  },
  policy: {
    is: 'the rules in force at the target when it was judged',
    places: [inEvidence('decisions[].decision.policy'), whole('target/*')],
    has: once(({ targetFiles }) => targetFiles.length > 0),
  },
  decisions: {
    is: 'each rule that was evaluated, with what it saw and what came of it',
    places: [inEvidence('decisions'), whole('attestations.intoto.jsonl')],
    has: once(({ document }) => document.decisions.some(({ basis }) => basis !== 'asserted')),
  },
  tests: {
    is: 'results of tests and scanners that were taken in',
    places: [inEvidence('decisions[].decision.source')],
    has: once(({ document }) =>
      document.decisions.some(
        ({ basis, decision }) => basis === 'imported' && decision.source.kind === 'import',
      ),
    ),
  },
  approvals: {
    is: 'who said yes to exactly this tree, signed',
    places: [inEvidence('approvals'), whole('signatures/*')],
    has: once(({ document }) =>
      document.approvals.some(({ basis, approval }) => approval.kind === 'approval' && basis !== 'asserted'),
    ),
  },
  separation: {
    is: 'that who approved is not who answers for the work, and had no hand in it',
    places: [inEvidence('approvals[].signedBy'), inEvidence('changes[].sponsor'), inEvidence('authors')],
    has: once(({ document }) => isSeparate(document)),
  },
  landing: {
    is: 'what became of it: landed, reverted, not landed',
    places: [inEvidence('txns[].state'), inEvidence('changes[].landings')],
    has: ofTxns((txn, { txns }) => txns.some((one) => one.txn === txn && one.state !== 'unknown')),
  },
  rollback: {
    is: 'how it would be taken back now, and what stands in the way',
    places: [inEvidence('rollbacks[].plan'), inEvidence('changes[].reverts')],
    has: ofTxns((txn, { rollbacks }) => rollbacks.some((one) => one.txn === txn && one.plan !== null)),
  },
  replay: {
    is: 'that the record was checked by doing the work again',
    places: [inEvidence('changes[].replays')],
    has: ofChanges(({ replays }) => replays.length > 0),
  },
  exceptions: {
    is: 'what was not in order, and the waivers that let it pass',
    places: [inEvidence('changes[].exceptions'), inEvidence('missing'), inEvidence('requests')],
    has: once(() => true),
  },
  integrity: {
    is: 'that nothing was changed or left out since: digests, the chain, the proof of where it lies',
    places: [whole('manifest.json'), whole('SHA256SUMS'), whole('proof.pack'), inEvidence('ledger.tip')],
    has: once(({ proof }) => proof !== null),
  },
  signatures: {
    is: 'signatures of people and pipelines, and the keys that counted',
    places: [whole('signatures/*')],
    has: once(({ signed }) => signed.length > 0),
  },
  times: {
    is: 'when each thing happened, in UTC',
    places: [inEvidence('changes[].recordedAt'), inEvidence('decisions[].decision.recordedAt')],
    has: ofChanges(({ recordedAt }) => typeof recordedAt === 'string'),
  },
  privacy: {
    is: 'what was taken out of the texts, and what was erased since and why',
    places: [inEvidence('changes[].redactions'), inEvidence('changes[].erased')],
    has: ofChanges(({ redactions }) => redactions !== undefined),
  },
  population: {
    is: 'the records of agents that are asked about, numbered and counted, with the tip of the ledger',
    places: [whole('population.csv'), inEvidence('ledger.tip')],
    has: ofChanges(({ record }) => typeof record === 'string'),
  },
};

/** Somebody approved who is neither named as answering for any of the work nor as having written of it. */
function isSeparate({ approvals, changes, authors }: EvidenceDocument): boolean {
  const sponsors = changes.flatMap(({ sponsor }) => sponsor?.email ?? []);
  const hands = authors.flatMap(({ email, known }) => [email, known]);
  const own = new Set([...sponsors, ...hands].map((email) => email.toLowerCase()));
  return approvals.some(
    ({ basis, approval, signedBy }) =>
      approval.kind === 'approval' &&
      basis !== 'asserted' &&
      ![approval.by, signedBy ?? approval.by].some(({ email }) => own.has(email.toLowerCase())),
  );
}
