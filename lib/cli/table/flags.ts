/** The flag of every command that answers tools, too. */
export const JSON_FLAG = {
  flags: '--json',
  description: 'print one JSON document (schemas/ in the package says its shape)',
};

/** The flag of every command that takes a merge request in the place of a transaction. */
export const MR_FLAG = { flags: '--mr <url>', description: 'the transactions of a merge request' };

export const REMOTE_FLAG = {
  flags: '--remote <url>',
  description: 'of the repository at this http(s) address: no clone, and no git, is needed',
};
