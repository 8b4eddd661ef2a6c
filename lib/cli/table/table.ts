import type { Io } from '../terminal/io.ts';
import { JSON_FLAG, MR_FLAG, REMOTE_FLAG } from './flags.ts';
import { OVERSIGHT_COMMANDS } from './oversight.ts';
import { POLICY_COMMANDS } from './policy.ts';

/** Values of a command's flags, by their long name in camel case. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** A command's code, loaded when it is called. Gives the exit code. */
export interface CommandModule {
  readonly run: (io: Io, args: readonly string[], flags: Flags) => Promise<number>;
}

export interface CommandSpec {
  readonly name: string;
  /** What stands behind the name, as commander reads it. */
  readonly usage: string;
  readonly summary: string;
  readonly description: readonly string[];
  /** The last one may stand for `many` words. */
  readonly args: readonly { readonly name: string; readonly description: string; readonly many?: true }[];
  readonly flags: readonly { readonly flags: string; readonly description: string }[];
  readonly examples: readonly string[];
  /** Words after the command's own belong to somebody else (`run -- CMD`). */
  readonly passThrough?: boolean;
  readonly load: () => Promise<CommandModule>;
}

const OPEN_FLAGS = [
  { flags: '--task <text>', description: 'what the agent is asked to do; @FILE reads it from a file' },
  { flags: '--task-ref <url>', description: 'the ticket or page the task comes from' },
  {
    flags: '--sponsor <person>',
    description: 'the human accountable, "Name <email>" (default: your git identity)',
  },
  { flags: '--agent <name>', description: 'name of the agent' },
  { flags: '--model <name>', description: 'name of the model' },
];

/** Every command, once: the parser, the help, the man page and the reference come from here. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'init',
    usage: '',
    summary: 'record the work of agents in this repository',
    description: [
      "Installs the git hooks that seal and bind agents' commits, and the hooks of the agents themselves. Existing hooks",
      'keep running, first and unchanged. Prints every file and setting it changes; run again, it changes nothing.',
      'A commit no agent makes is not recorded, and ends in a few lines of shell.',
    ],
    args: [],
    flags: [
      {
        flags: '--agents <names>',
        description: 'whose hooks to install, separated by commas (default: claude-code)',
      },
      { flags: '--shared', description: "put the agents' hooks into the settings that are committed" },
      {
        flags: '--user',
        description:
          "put the agents' hooks into your home's settings, for every repository with git-agent-log",
      },
      {
        flags: '--policy',
        description: 'write a first policy for check, and a file for your sponsors, into .agent-log/',
      },
      { flags: '--no-hooks', description: 'install no git hooks' },
      JSON_FLAG,
    ],
    examples: ['git agent-log init', 'git agent-log init --user'],
    load: () => import('../commands/init.ts'),
  },
  {
    name: 'uninit',
    usage: '',
    summary: 'undo what init did, byte for byte',
    description: [
      'Takes the hooks and settings away again. Records stay in the ledger, and session texts stay where they are.',
    ],
    args: [],
    flags: [JSON_FLAG],
    examples: ['git agent-log uninit'],
    load: () => import('../commands/uninit.ts'),
  },
  {
    name: 'doctor',
    usage: '',
    summary: 'say what is wired, what is not, and what waits',
    description: [
      "Checks the hooks, the agents' settings, your identity, what waits for its commit, and what hooks complained about.",
    ],
    args: [],
    flags: [JSON_FLAG],
    examples: ['git agent-log doctor'],
    load: () => import('../commands/doctor.ts'),
  },
  {
    name: 'begin',
    usage: '',
    summary: 'open a transaction by hand',
    description: ['Every commit in this worktree belongs to it until `end`. Prints its id.'],
    args: [],
    flags: [...OPEN_FLAGS, JSON_FLAG],
    examples: ['git agent-log begin --task @task.md --task-ref https://t.example/T-1'],
    load: () => import('../commands/begin.ts'),
  },
  {
    name: 'end',
    usage: '',
    summary: 'close the transaction opened by begin',
    description: ['Prints its id.'],
    args: [],
    flags: [JSON_FLAG],
    examples: ['git agent-log end'],
    load: () => import('../commands/end.ts'),
  },
  {
    name: 'run',
    usage: '-- <command...>',
    summary: 'run any command as the agent of a transaction',
    description: [
      'Opens a transaction, runs the command, closes it, and exits as the command did. Its commits are recorded.',
    ],
    args: [{ name: 'command', description: 'the agent, and its arguments' }],
    flags: OPEN_FLAGS,
    examples: ['git agent-log run --task @task.md --agent my-agent -- ./my-agent --fast'],
    passThrough: true,
    load: () => import('../commands/run.ts'),
  },
  {
    name: 'show',
    usage: '[commit|txn]',
    summary: 'show who answers for a commit, and what the agent was asked, saw and did',
    description: [
      'The record of a commit (HEAD when none is named), or of every commit of a transaction. --web writes the page an evidence',
      'bundle has into a private file of this clone, prints its path, and on a terminal opens it with the browser git would use',
      '(agentLog.browser, web.browser). Pages older than a day are removed.',
    ],
    args: [
      {
        name: 'commit|txn',
        description: 'any git revision, a transaction id, or 8 or more of its first characters',
      },
    ],
    flags: [
      JSON_FLAG,
      { flags: '--raw', description: 'print the stored lines as they are' },
      { flags: '--full', description: 'do not shorten texts, and tell what went into tools and came out' },
      { flags: '--web', description: 'open it as a page: what was asked, done, checked, approved, changed' },
      MR_FLAG,
      REMOTE_FLAG,
    ],
    examples: [
      'git agent-log show',
      'git agent-log show HEAD~2 --json',
      'git agent-log show --web',
      'git agent-log show --remote https://example.com/shop.git main',
    ],
    load: () => import('../commands/show.ts'),
  },
  {
    name: 'why',
    usage: '<file>[:<line>[,<line>]] [rev]',
    summary: 'say which transaction a line comes from, and what it was for',
    description: [
      'Traces lines to the commits that changed them last, and those to their transactions: task, sponsor, model, and what the',
      'agent said. A whole file is summed up by transaction and author; a line or two are told in full. Lines are traced as',
      '`git blame` does without -w, -M and -C: renames of the file are followed, moved lines are not. A file called `a:3` comes',
      'before line 3 of `a`.',
    ],
    args: [
      { name: 'file', description: 'a file, seen from the folder you are in, and the lines asked for' },
      { name: 'rev', description: 'the commit to ask (default: the file as it lies in the worktree)' },
    ],
    flags: [JSON_FLAG, { flags: '--full', description: 'do not shorten texts and lists' }],
    examples: [
      'git agent-log why src/app.js:12',
      'git agent-log why src/app.js:12,40 v1.0 --json',
      'git agent-log why src/app.js',
    ],
    load: () => import('../commands/why.ts'),
  },
  {
    name: 'list',
    usage: '[range]',
    summary: 'list records, newest first',
    description: [
      'Records of the whole ledger, or of the commits of a range. A commit that was amended, or made of several, has one line; with --json each record has its own.',
    ],
    args: [{ name: 'range', description: 'commits as git names them, such as main..topic' }],
    flags: [
      { flags: '--txn', description: 'one line per transaction' },
      {
        flags: '--since <date>',
        description: 'recorded on or after this day (2026-11-22) or moment (RFC 3339)',
      },
      { flags: '--until <date>', description: 'recorded before the end of this day, or before this moment' },
      { flags: '--sponsor <text>', description: 'name or address contains this' },
      { flags: '--agent <name>', description: 'name of the agent' },
      { flags: '--model <name>', description: 'name of the model' },
      {
        flags: '--class <class>',
        description: 'records that changed a file of a risk class, such as dependency-manifest',
      },
      MR_FLAG,
      REMOTE_FLAG,
      { flags: '--stage <stage>', description: 'transactions with a decision of this stage' },
      {
        flags: '--result <result>',
        description: 'with a decision of this result (pass, fail, warn, error, skip)',
      },
      { flags: '-n, --max <count>', description: 'at most this many' },
      { flags: '--json', description: 'print one JSON document per line' },
    ],
    examples: ['git agent-log list -n 10', 'git agent-log list --txn --sponsor jane main..topic'],
    load: () => import('../commands/list.ts'),
  },
  {
    name: 'scan',
    usage: '[range]',
    summary: 'say which commits agents made, and what evidence there is',
    description: [
      'Classifies every commit of a range (default: HEAD) as agent, human or unknown, by identities, trailers and notes of',
      'agents and of other tools, with the signals that say so, the evidence it has and lacks, and its risk classes. Needs no',
      'set-up. `human` means that no mark was found, no more.',
    ],
    args: [{ name: 'range', description: 'commits as git names them, such as v1.0..HEAD' }],
    flags: [
      JSON_FLAG,
      { flags: '--markdown <file>', description: 'also write a report for people to a file' },
      {
        flags: '--open-exceptions',
        description: 'put agent commits without a record, or without a sponsor, into the queue of exceptions',
      },
    ],
    examples: ['git agent-log scan', 'git agent-log scan v1.0..HEAD --markdown report.md'],
    load: () => import('../commands/scan.ts'),
  },
  {
    name: 'adopt',
    usage: '[range|commit...]',
    summary: 'put commits agents made before into transactions',
    description: [
      'Writes records for commits that have none, marked `asserted`: nobody saw them being made. Of a range the commits that',
      '`scan` calls agent are adopted; a commit named by itself is adopted because you say so. Commits of one session (Entire,',
      'git-ai, gitvow, Claude, Amp, Copilot, Replit, whogitit) become one transaction, then those one merge brought in, per agent; any',
      'other is one by itself. A commit with a record is left alone, so running it again changes nothing.',
    ],
    args: [
      {
        name: 'range|commit',
        description: 'ranges as git names them, with two dots (main..topic), or single commits',
        many: true,
      },
    ],
    flags: [
      { flags: '--all', description: 'every agent commit HEAD reaches' },
      {
        flags: '--by <way>',
        description:
          'session (default), branch (by merge, else commits of one agent right after one another; sessions do not count), or commit',
      },
      {
        flags: '--txn-map <file>',
        description: 'a JSON file {"name": ["commit id", …]}: the commits, and one transaction per name',
      },
      { flags: '--task <text>', description: 'what the agent was asked to do; @FILE reads it from a file' },
      { flags: '--task-ref <url>', description: 'the ticket or page the task came from' },
      {
        flags: '--sponsor <person>',
        description: 'the human accountable, "Name <email>" (default: nobody is named)',
      },
      { flags: '--agent <name>', description: 'name of the agent, for commits that name none' },
      { flags: '--model <name>', description: 'name of the model, for commits that name none' },
      { flags: '--dry-run', description: 'write nothing, and say what would be written' },
      JSON_FLAG,
    ],
    examples: [
      'git agent-log adopt --all --dry-run',
      'git agent-log adopt v1.0..HEAD --sponsor "Jane Doe <jane@example.com>"',
      'git agent-log adopt 1a2b3c4 5d6e7f8 --agent my-agent',
    ],
    load: () => import('../commands/adopt.ts'),
  },
  {
    name: 'regroup',
    usage: '(--join <txn> <txn...> | --split <txn> <commit...>)',
    summary: 'join transactions, or split one, afterwards',
    description: [
      'Says that several transactions are one, or that some commits of one are a transaction of their own. No record is changed:',
      'what is said is added to the ledger, and every command goes by it. Joined transactions are called by the oldest of their ids;',
      'the others still lead there. Split-off commits get a new id. Of two who move one commit, the later is right.',
    ],
    args: [
      {
        name: 'txn|commit',
        description:
          'a transaction by its id, 8 or more of its first characters, or a commit that belongs to it',
        many: true,
      },
    ],
    flags: [
      { flags: '--join', description: 'make the transactions one' },
      { flags: '--split', description: 'take the commits out of the transaction named first' },
      { flags: '--dry-run', description: 'write nothing, and say what would come of it' },
      JSON_FLAG,
    ],
    examples: [
      'git agent-log regroup --join 01JD2M0Y5V 01JD2M3F7A',
      'git agent-log regroup --split 01JD2M0Y5V HEAD~2 HEAD~1',
    ],
    load: () => import('../commands/regroup.ts'),
  },
  ...POLICY_COMMANDS,
  ...OVERSIGHT_COMMANDS,
  {
    name: 'erase',
    usage: '<txn...>',
    summary: 'destroy what was stored of the texts of transactions',
    description: [
      'Drops the sealed texts and their keys from the repository, destroys keys kept elsewhere (agentLog.keyStore), and removes what',
      'this clone keeps of them in plain. A tombstone with the reason and your name goes into the ledger first, signed where a',
      'key is set (gpg.format, user.signingkey): no merge brings the texts back, and every clone drops them with its next sync. The',
      'records stay, and every digest still holds. Says who may be able to read the texts all the same. Run again, it finishes what',
      'was interrupted.',
    ],
    args: [
      {
        name: 'txn',
        description:
          'a transaction by its id, 8 or more of its first characters, or a commit that belongs to it',
        many: true,
      },
    ],
    flags: [
      { flags: '--reason <text>', description: 'why; it stays in the ledger for all to read' },
      { flags: '--push', description: 'sync with the default remote at once' },
      { flags: '--no-sign', description: 'leave the tombstone unsigned' },
      JSON_FLAG,
    ],
    examples: ['git agent-log erase 01JD2M0Y5V --reason "they asked for it" --push'],
    load: () => import('../commands/erase.ts'),
  },
  {
    name: 'retention',
    usage: '',
    summary: 'erase stored texts once they have been kept long enough',
    description: [
      'Goes by the rules of agentLog.retention in your git configuration, any number of them: an age (90d, 12w, 6m, 7y or forever),',
      'after what it is for: level=full or level=task (the most that is stored of a transaction), class=<risk class> (of a file it changed).',
      'Of the rules that fit a transaction the last one counts; without one its texts stay. The age is that of its last record.',
      'What is due is erased as by git agent-log erase. Nothing a tree says is asked. Set one: git config --add agentLog.retention "class=iam 7y".',
    ],
    args: [],
    flags: [
      { flags: '--plan', description: 'say what is due, and change nothing' },
      { flags: '--apply', description: 'erase it' },
      { flags: '--push', description: 'sync with the default remote at once' },
      { flags: '--no-sign', description: 'leave the tombstones unsigned' },
      JSON_FLAG,
    ],
    examples: ['git agent-log retention --plan', 'git agent-log retention --apply --push'],
    load: () => import('../commands/retention.ts'),
  },
  {
    name: 'relink',
    usage: '[range]',
    summary: 'find the records of commits that were squashed, rebased or rewritten elsewhere',
    description: [
      'Writes landing records for commits that hold work of records which are not on them: after a squash or rebase merge on the',
      'server, or a rewrite where no hook ran. A record is found by a trailer anywhere in the message whose content agrees, by a',
      'change that is the same byte for byte, or by that of a range of commits squashed into one; never by likeness or place. What',
      'could be the work of several is named and left alone. Run again, it changes nothing. Works in a bare repository and in CI,',
      'with full history and the ledger fetched; 3 when a shallow clone keeps it from checking.',
    ],
    args: [
      {
        name: 'range',
        description:
          "commits as git names them, such as v1.0..main (default: the newest 1,000 of HEAD and the remote's default branch)",
      },
    ],
    flags: [{ flags: '--dry-run', description: 'write nothing, and say what would be written' }, JSON_FLAG],
    examples: ['git agent-log relink', 'git agent-log relink --dry-run v1.0..origin/main'],
    load: () => import('../commands/relink.ts'),
  },
  {
    name: 'replay',
    usage: '[commit|txn|range]',
    summary: 'check that recorded work gives what was committed, and say what that proves',
    description: [
      '`--mode verify`: the recorded base with the recorded change gives the recorded tree, and record, message, binding and commit',
      'agree. It proves integrity, and nothing about what the agent did to get there. A verdict for each commit: identical; equivalent',
      '(the same change on another base, or in a squash); divergent, with the paths that differ; invalid, where a digest or a binding',
      'does not hold; inconclusive, with what is missing; skipped, where there is no record. Each is recorded in the ledger, once as',
      'long as it stays so.',
      '`--mode calls`: the recorded tool calls are done again, in order, in a worktree of their own on the recorded base, and the',
      'tree they leave is compared with the recorded one. Writes and edits come from the record; commands run shut in by bubblewrap',
      'or unshare, without a network, and with nothing of the disk but that worktree: where neither works, none is run. What reaches',
      'beyond the worktree is taken from the record, and said. A call counts when it did what is recorded. It needs the texts of',
      'calls (`agentLog.level` full). identical: every call did, and the tree is the same; divergent names the first call or path',
      'that is not; failed names the call that could not be done; inconclusive names what is missing. Folders that commands need',
      'besides those of the system are named in `agentLog.replayReads`, separated by colons.',
      '`--mode rerun`: the agent is started again on the recorded base by a command of your own, which gets the prompts on standard',
      'input, and `AGENT_LOG_TASK` and `AGENT_LOG_PROMPTS` (files), `AGENT_LOG_MODEL`, `AGENT_LOG_PROVIDER` and `AGENT_LOG_AGENT`. The',
      'same tree is never expected: a check that you declare says whether the outcome will do. accepted: it passed, and no file of a',
      'risk class was changed of which the record has none; divergent: it did not; failed: the runner did; inconclusive: no check is',
      'declared, or prompts can not be read. The runner is not shut in: what it may do, you decide. The check is.',
      'Exit codes: 3 when one is invalid or objects are missing in this clone, 1 when one is divergent or inconclusive.',
    ],
    args: [
      {
        name: 'commit|txn|range',
        description:
          'any git revision (default: HEAD), a transaction id or 8 or more of its first characters, or commits such as main..topic',
      },
    ],
    flags: [
      { flags: '--mode <mode>', description: 'verify, calls or rerun' },
      {
        flags: '--class <classes>',
        description:
          'only records that changed a file of one of these risk classes, such as dependency-manifest,iac; the riskiest first',
      },
      {
        flags: '--seconds <n>',
        description:
          'how long one call may take (--mode calls, default: 120), or the agent (--mode rerun, default: 1800)',
      },
      {
        flags: '--runner <command>',
        description: 'with --mode rerun: starts the agent (default: agentLog.runner)',
      },
      {
        flags: '--check <command>',
        description: 'with --mode rerun: says whether the outcome will do (default: agentLog.replayCheck)',
      },
      { flags: '--dry-run', description: 'record nothing' },
      JSON_FLAG,
    ],
    examples: [
      'git agent-log replay --mode verify HEAD',
      'git agent-log replay --mode calls --dry-run HEAD',
      "git agent-log replay --mode rerun --runner 'claude -p' --check 'npm test'",
      'git agent-log replay --mode verify --class dependency-manifest,iac v1.0..HEAD',
    ],
    load: () => import('../commands/replay.ts'),
  },
  {
    name: 'redact',
    usage: '--dry-run [range]',
    summary: 'say what would be taken out of recorded texts today',
    description: [
      'Looks through the texts this clone has and the words of the ledger with the rules of now, and says per commit which of them',
      'find something and how often; never what. Rules grow: what was recorded before them was not looked through by them. Nothing is',
      'changed. 1 when something was found.',
    ],
    args: [{ name: 'range', description: 'commits as git names them (default: every record of the ledger)' }],
    flags: [{ flags: '--dry-run', description: 'change nothing, and say what is found' }, JSON_FLAG],
    examples: ['git agent-log redact --dry-run', 'git agent-log redact --dry-run v1.0..HEAD --json'],
    load: () => import('../commands/redact.ts'),
  },
  {
    name: 'sync',
    usage: '[remote]',
    summary: 'exchange records with a remote',
    description: [
      "Fetches the remote's ledger, merges it into this clone's as the union of both, and pushes the result: never with force, and",
      "again when others were first. Nothing is dropped: what a remote lost is named and sent back, what can't be joined is set",
      "aside and named. The remote is the branch's, else the only one, else origin. The pre-push hook does the same when records wait",
      'and nobody has to be asked for a password; `git config agentLog.push false` keeps it from that.',
    ],
    args: [{ name: 'remote', description: 'a remote, or the address of a repository' }],
    flags: [
      { flags: '--fetch', description: 'fetch and merge, and push nothing' },
      { flags: '--push', description: 'push, and fetch only when others were first' },
      JSON_FLAG,
    ],
    examples: ['git agent-log sync', 'git agent-log sync --fetch upstream'],
    load: () => import('../commands/sync.ts'),
  },
  {
    name: 'config',
    usage: '[pin <digest>]',
    summary: 'say which texts leave this clone and who can read them, and pin what the tree proposes',
    description: [
      'What is in force comes from git configuration alone: `agentLog.level` (digests, task or full; set with --global it only',
      'tightens), `agentLog.recipient` (age1… or ssh-ed25519, one value each), `agentLog.keyStore` (refs, folder:<path> or',
      'command:<program>), `agentLog.payloadRemote` (none: no remote) and `agentLog.identity` (a file with a private key). A',
      'committed .agent-log/config.yaml may propose level, recipients and payloadRemotes. Nothing of it counts before you pin it',
      "by its digest; then it is copied into this clone's configuration, and later changes of the file are proposals again.",
    ],
    args: [
      { name: 'pin', description: 'take over what the tree at HEAD proposes' },
      { name: 'digest', description: 'of the proposal, as `config` prints it: 12 digits or more' },
    ],
    flags: [JSON_FLAG],
    examples: ['git agent-log config', 'git agent-log config pin 1f2e3d4c5b6a7988'],
    load: () => import('../commands/config.ts'),
  },
  {
    name: 'export',
    usage: '<format> [range]',
    summary: 'write records in another format',
    description: [
      'agent-trace: a trace record of agent-trace.dev per commit, with the lines the agent wrote. otel: the agent runs and tool',
      'calls as OpenTelemetry spans with GenAI attributes (OTLP/JSON). in-toto: work, decisions, approvals, reverts and replays as',
      'statements in DSSE envelopes, unsigned, one a line. oscal: assessment results (1.2.2): records and decisions as',
      'observations, decisions as findings. csv: the population samples are drawn from, a row per record; each says how many there',
      'are and at which commit of the ledger. All are the same bytes for the same ledger, and hold no texts, only digests.',
    ],
    args: [
      { name: 'format', description: 'agent-trace, otel, in-toto, oscal or csv' },
      { name: 'range', description: 'commits as git names them (default: every record of the ledger)' },
    ],
    flags: [{ flags: '-o, --output <file>', description: 'write to a file instead of stdout' }],
    examples: ['git agent-log export agent-trace v1.0..HEAD', 'git agent-log export csv -o population.csv'],
    load: () => import('../commands/export.ts'),
  },
  {
    name: 'import',
    usage: '<format> [source]',
    summary: 'take over what another tool recorded of agents',
    description: [
      'Writes a record for every session that git-ai, Entire, gitvow, whogitit or an agent-trace file tells of, on the commits',
      "it made, marked as imported: another tool's file says so. One session becomes one transaction. Texts stay out of the",
      'ledger. Run again, also in another clone, it doubles nothing. What it does not know it names and leaves as it is; a',
      'commit whose agent was recorded at work is left alone.',
    ],
    args: [
      { name: 'format', description: 'git-ai, entire, gitvow, agent-trace or whogitit' },
      {
        name: 'source',
        description:
          "a ref (refs/…), or a file of agent-trace records (default: the tool's own refs and files)",
      },
    ],
    flags: [{ flags: '--dry-run', description: 'say what would be written, and write nothing' }, JSON_FLAG],
    examples: ['git agent-log import git-ai --dry-run', 'git agent-log import agent-trace traces.jsonl'],
    load: () => import('../commands/import.ts'),
  },
];
