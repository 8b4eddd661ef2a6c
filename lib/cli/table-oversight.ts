import type { CommandSpec } from './table.ts';
import { JSON_FLAG } from './table-flags.ts';

/** What sees to gaps, and measures. */
export const OVERSIGHT_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'exception',
    usage: '<action> [id]',
    summary: 'see to gaps in evidence and compliance, until they are closed',
    description: [
      'The queue of exceptions, kept in the ledger: each gap once, whoever finds it. `scan --open-exceptions`, `replay` and `git',
      'agent-revert` put gaps into it. An id is 8 or more of its first characters. Actions:',
      '`list` (the default): what is not closed, the worst first; `show <id>`: one, with all that was done to it;',
      '`open --type T (--txn|--commit|--mr)`: one by hand; `triage <id>`: with --owner, --severity and --due; `comment <id> -m TEXT`;',
      '`link <id> <what>`: what is done about it; `submit <id> --evidence E`: what shows that it is gone;',
      '`close <id>`: --resolution resolved (the default: needs --evidence, or evidence that was submitted), false-positive and withdrawn',
      '(need --reason), waived (--link <waiver> that is active), duplicate (--link <exception>); `reopen <id> --cause C`.',
      '`waive <id>` or `waive --rule R`: asks for a waiver, with --until (90 days from now at most) and --reason; `approve-waiver <waiver>`',
      'takes a second person: neither who asked, nor who made the change; `reject-waiver`, `revoke-waiver`; `waivers` lists them.',
      'Every step is signed where a key is set (gpg.format, user.signingkey). A step that does not fit is refused with 1.',
    ],
    args: [{ name: 'action', description: 'one of those above, and what it is done to', many: true }],
    flags: [
      { flags: '--type <types>', description: 'only of these types; of the one that is opened' },
      { flags: '--severity <severities>', description: 'critical, high, medium, low or info' },
      { flags: '--open', description: 'only what is not closed (the default); of waivers, what is active' },
      { flags: '--all', description: 'also what is closed' },
      { flags: '--overdue', description: 'only what should have been closed by now' },
      { flags: '--txn <txn>', description: 'about a transaction' },
      { flags: '--commit <rev>', description: 'about a commit' },
      { flags: '--mr <url>', description: 'about a merge request' },
      { flags: '--rule <rule>', description: 'about a rule of a policy' },
      { flags: '--path <path...>', description: 'of a waiver: only for these files, as globs' },
      { flags: '--owner <person>', description: 'who sees to it, "Name <email>"' },
      { flags: '--due <date>', description: 'until when: a day (2026-11-22) or a moment (RFC 3339)' },
      { flags: '--until <date>', description: 'when a waiver ends' },
      { flags: '--evidence <what...>', description: 'commits, or digests of files (sha256:…)' },
      {
        flags: '--resolution <how>',
        description: 'resolved, false-positive, waived, duplicate or withdrawn',
      },
      {
        flags: '--cause <why>',
        description: 'audit-follow-up, regression, evidence-invalid or record-tampered',
      },
      { flags: '--link <what>', description: 'the waiver it is closed for, or what it is a duplicate of' },
      { flags: '-m, --reason <text>', description: 'why; it stays in the ledger for all to read' },
      { flags: '--no-sign', description: 'leave the step unsigned' },
      JSON_FLAG,
    ],
    examples: [
      'git agent-log exception list --severity critical,high',
      'git agent-log exception triage 3f9a1c20 --due 2026-12-01',
      'git agent-log exception close 3f9a1c20 --evidence HEAD',
      'git agent-log exception waive 3f9a1c20 --until 2026-12-24 -m "vendor mends it"',
    ],
    load: () => import('./commands/exception.ts'),
  },
  {
    name: 'evidence',
    usage:
      '(request <what> --question <text> | accept <request> | reject <request> --reason <text> | requests)',
    summary: 'ask for evidence, and say whether what came will do',
    description: [
      'For auditors: the clock of time-to-evidence starts with a request and ends when the first answer is accepted; one that is',
      'rejected does not stop it. Whoever asked may accept; where .agent-log/sponsors.yaml names people with the role audit, they may',
      'too, and only they reject. `requests` lists them, what waits first.',
    ],
    args: [
      { name: 'action', description: 'request, accept, reject or requests' },
      { name: 'what', description: 'a commit, a transaction, a range or a URL; a request' },
    ],
    flags: [
      { flags: '--question <text>', description: 'what is asked' },
      { flags: '--due <date>', description: 'until when: a day (2026-11-22) or a moment (RFC 3339)' },
      { flags: '-m, --reason <text>', description: 'why; it stays in the ledger for all to read' },
      { flags: '--no-sign', description: 'leave the step unsigned' },
      JSON_FLAG,
    ],
    examples: [
      'git agent-log evidence request HEAD --question "Who approved this?"',
      'git agent-log evidence accept 01JD2M0Y5V',
    ],
    load: () => import('./commands/evidence.ts'),
  },
  {
    name: 'metrics',
    usage: '[range]',
    summary: 'measure exceptions, evidence, replays and coverage',
    description: [
      'Exceptions: how many are open, how old, how many overdue, and what comes and goes. Time to evidence: from a request to the',
      'first answer that was accepted. Replay success: of all, and of what could be told. Re-opening: of what was closed, within 30',
      'and 90 days. Coverage: of the commits agents made in a range, if one is given, those with a record; of records, those with a',
      'sponsor. docs/metrics.md has every formula, with an example. Under 20 of a kind, no percentage is told.',
    ],
    args: [{ name: 'range', description: 'commits to look through for agents, such as v1.0..HEAD' }],
    flags: [
      {
        flags: '--format <format>',
        description: 'table, json, csv (a row for each exception, request and replay) or openmetrics',
      },
      { flags: '--since <date>', description: 'from this day (2026-11-22) or moment (RFC 3339) on' },
      { flags: '--until <date>', description: 'as it was at the end of this day, or at this moment' },
      { flags: '--json', description: 'the same as --format json' },
    ],
    examples: ['git agent-log metrics', 'git agent-log metrics --format openmetrics origin/main'],
    load: () => import('./commands/metrics.ts'),
  },
];
