/**
 * What a rule can see, version v1: plain values, as JSON has them. Whoever gathers them leaves out what could not be found
 * out: a clause that reads a fact which is not there could not be evaluated, and that never passes. Names are as rules write
 * them. A fact is only ever added; a new meaning takes a new version.
 */
export interface Facts {
  readonly change: Change;
}

export interface Change {
  /** commit, mr, pipeline, merge or deploy. */
  readonly stage: string;
  /** Full name of the branch the change goes to; empty for a bare commit. */
  readonly target: string;
  readonly base: string;
  readonly head: string;
  /** URL of the merge request; empty without one. */
  readonly mr: string;
  /** When it is judged, ISO 8601 in UTC: for freezes and office hours. */
  readonly evaluated_at: string;
  /** True when any commit of the range is an agent's, by its record or by its looks. */
  readonly by_agent: boolean;
  readonly commits: number;
  readonly merge_commits: number;
  /** Commits of the target that the range does not have. */
  readonly behind: number;
  readonly agent_commits: number;
  /** Commits that look like an agent's and have no record. */
  readonly unrecorded_agent_commits: number;
  /** Recorded commits whose message does not name their record's digest. */
  readonly unsealed_commits: number;
  /** Recorded commits that were changed after the record was made. */
  readonly modified_commits: number;
  /** Commits that claim a record which does not belong to them. */
  readonly claimed_commits: number;
  readonly txns: readonly string[];
  /** Transactions the range takes back. */
  readonly reverts: readonly string[];
  readonly files: readonly ChangedFile[];
  /** Risk classes of all files. */
  readonly classes: readonly string[];
  readonly agents: readonly string[];
  /** Names of the models, as their providers have them. */
  readonly models: readonly string[];
  readonly providers: readonly string[];
  /** Recorded agent commits that do not name a model. */
  readonly models_missing: number;
  /** Names of the tools the agents called. */
  readonly tools: readonly string[];
  /** References of the tasks, such as tickets. */
  readonly task_refs: readonly string[];
  /** Agent commits without a task. */
  readonly tasks_missing: number;
  /** People, by their canonical address: neither agents nor services. */
  readonly authors: readonly string[];
  readonly committers: readonly string[];
  readonly sponsors: readonly SponsorFact[];
  /** The sponsor of the whole change; missing when it has none, or several. */
  readonly sponsor?: SponsorFact;
  /** Agent commits without a sponsor. */
  readonly sponsors_missing: number;
  readonly approvals: readonly ApprovalFact[];
  /** One for each changed path that CODEOWNERS at the target gives to somebody. */
  readonly owner_approvals: readonly OwnerApproval[];
  /** False when a record or a binding of the range does not verify. */
  readonly records_ok: boolean;
  /** What is wrong with the records, by code. */
  readonly problems: readonly string[];
  readonly replays: readonly ReplayFact[];
  readonly checks: readonly CheckFact[];
  readonly exceptions: readonly ExceptionFact[];
  readonly size: ChangeSize;
}

export interface ChangedFile {
  readonly path: string;
  /** Where it was before a rename; empty otherwise. */
  readonly old_path: string;
  /** added, modified, deleted, renamed or type-changed. */
  readonly status: string;
  /** file, executable, link or submodule: after the change, or before it where it is deleted. */
  readonly kind: string;
  /** Of both paths, for a rename. */
  readonly classes: readonly string[];
  /** agent, shell, mixed, unseen (recorded commits) or human. */
  readonly by: string;
  /** Lines; 0 for what is binary. */
  readonly added: number;
  readonly deleted: number;
}

export interface SponsorFact {
  readonly name: string;
  /** Canonical: one person behind two addresses has one. */
  readonly email: string;
  /** Where the name came from: flag, environment, git-config, a CI system, a signature. */
  readonly source: string;
  /** Signed with a key that sponsors.yaml at the target gives them, or told by a verified CI identity. */
  readonly verified: boolean;
  /** False for a bot, a service or an agent's address. */
  readonly is_person: boolean;
  readonly is_author: boolean;
  /** sponsors.yaml at the target lets them sponsor everything the change touches. */
  readonly may_sponsor: boolean;
}

export interface ApprovalFact {
  readonly by: string;
  readonly name: string;
  /** signature, github, gitlab or another importer's name. */
  readonly source: string;
  readonly verified: boolean;
  readonly is_person: boolean;
  /** They wrote or committed something of the change. */
  readonly is_author: boolean;
  readonly is_sponsor: boolean;
  /** CODEOWNERS at the target names them for at least one changed path. */
  readonly owner: boolean;
  /** By sponsors.yaml at the target. */
  readonly roles: readonly string[];
  /** Target, head tree, patch and policy are what was approved, and the merge is clean. */
  readonly holds: boolean;
}

export interface OwnerApproval {
  readonly path: string;
  readonly owners: readonly string[];
  /** By an owner who is not the author, with an approval that is verified and holds. */
  readonly approved: boolean;
  readonly by: readonly string[];
}

export interface ReplayFact {
  readonly txn: string;
  readonly mode: string;
  readonly verdict: string;
  /** evaluated: signed with the key of a pipeline of the target. asserted: anybody may have written it. */
  readonly trust: string;
}

export interface CheckFact {
  readonly name: string;
  readonly tool: string;
  /** pass, fail, warn, error or skip. */
  readonly result: string;
  /** asserted, imported or evaluated. */
  readonly trust: string;
}

export interface ExceptionFact {
  readonly type: string;
  readonly state: string;
  /** How far the step is to be believed that brought it there: attested, evaluated or asserted. */
  readonly trust: string;
}

export interface ChangeSize {
  readonly added: number;
  readonly deleted: number;
}

/** How a value is declared to the engine: an object by its fields, a list of objects by the one that stands for all. */
export type Declared<T> = T extends readonly (infer Item)[]
  ? Item extends string
    ? 'list<string>'
    : readonly [Declared<Item>]
  : T extends string
    ? 'string'
    : T extends number
      ? 'int'
      : T extends boolean
        ? 'bool'
        : { readonly [Name in keyof T]-?: Declared<Exclude<T[Name], undefined>> };

const SPONSOR: Declared<SponsorFact> = {
  name: 'string',
  email: 'string',
  source: 'string',
  verified: 'bool',
  is_person: 'bool',
  is_author: 'bool',
  may_sponsor: 'bool',
};

/** The facts' types, as the engine checks expressions against them. The compiler holds it to the interfaces above. */
export const FACTS_V1: Declared<Facts> = {
  change: {
    stage: 'string',
    target: 'string',
    base: 'string',
    head: 'string',
    mr: 'string',
    evaluated_at: 'string',
    by_agent: 'bool',
    commits: 'int',
    merge_commits: 'int',
    behind: 'int',
    agent_commits: 'int',
    unrecorded_agent_commits: 'int',
    unsealed_commits: 'int',
    modified_commits: 'int',
    claimed_commits: 'int',
    txns: 'list<string>',
    reverts: 'list<string>',
    files: [
      {
        path: 'string',
        old_path: 'string',
        status: 'string',
        kind: 'string',
        classes: 'list<string>',
        by: 'string',
        added: 'int',
        deleted: 'int',
      },
    ],
    classes: 'list<string>',
    agents: 'list<string>',
    models: 'list<string>',
    providers: 'list<string>',
    models_missing: 'int',
    tools: 'list<string>',
    task_refs: 'list<string>',
    tasks_missing: 'int',
    authors: 'list<string>',
    committers: 'list<string>',
    sponsors: [SPONSOR],
    sponsor: SPONSOR,
    sponsors_missing: 'int',
    approvals: [
      {
        by: 'string',
        name: 'string',
        source: 'string',
        verified: 'bool',
        is_person: 'bool',
        is_author: 'bool',
        is_sponsor: 'bool',
        owner: 'bool',
        roles: 'list<string>',
        holds: 'bool',
      },
    ],
    owner_approvals: [{ path: 'string', owners: 'list<string>', approved: 'bool', by: 'list<string>' }],
    records_ok: 'bool',
    problems: 'list<string>',
    replays: [{ txn: 'string', mode: 'string', verdict: 'string', trust: 'string' }],
    checks: [{ name: 'string', tool: 'string', result: 'string', trust: 'string' }],
    exceptions: [{ type: 'string', state: 'string', trust: 'string' }],
    size: { added: 'int', deleted: 'int' },
  },
};
