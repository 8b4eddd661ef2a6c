/** The flag of every command that answers tools, too. */
export const JSON_FLAG = {
  flags: '--json',
  description: 'print one JSON document (schemas/ in the package says its shape)',
};
