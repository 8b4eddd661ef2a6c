/** An agent that works on somebody else's machine: its commits are all that can be known of it. */
export interface CommitOnly {
  /** As `scan` names it. */
  readonly name: string;
  readonly title: string;
  /** What in a commit tells it. */
  readonly marks: readonly string[];
  /** An author, committer or trailer as it leaves them, for people and for our tests. */
  readonly example: { readonly author?: string; readonly trailer?: string };
  readonly note: string;
}

/**
 * No hook of ours runs where these work. `scan` finds what they committed, `adopt` groups it, and a record made so says
 * `asserted`: prompts, model, tool calls and usage are not known.
 */
export const COMMIT_ONLY: readonly CommitOnly[] = [
  {
    name: 'copilot',
    title: 'GitHub Copilot cloud agent',
    marks: ['author or co-author account 198982749', '`Agent-Logs-Url:` trailer'],
    example: {
      author: 'copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>',
      trailer: 'Agent-Logs-Url: https://github.com/example/project/sessions/5f0c8a7e',
    },
    note: 'The trailer leads to its log, for who may read it there; the co-author is the person who asked.',
  },
  {
    name: 'devin',
    title: 'Devin (cloud)',
    marks: ['author account 158243242'],
    example: {
      author: 'Devin AI <158243242+devin-ai-integration[bot]@users.noreply.github.com>',
    },
    note: 'The co-author is the person who asked. Its command line is recorded through hooks.',
  },
  {
    name: 'jules',
    title: 'Jules',
    marks: ['author account 161369871'],
    example: {
      author: 'google-labs-jules[bot] <161369871+google-labs-jules[bot]@users.noreply.github.com>',
    },
    note: 'It has no hooks that a repository can bring along.',
  },
  {
    name: 'amazon-q',
    title: 'Amazon Q Developer',
    marks: ['author or co-author account 208079219', 'co-author `noreply@amazon.com`'],
    example: { trailer: 'Co-authored-by: Amazon Q <noreply@amazon.com>' },
    note: "Its command line has hooks, but each custom agent has its own, and their payloads name no session, so one session's work can't be told from another's: record it with `git agent-log run -- q chat`.",
  },
];
