/** What git is asked to find a repository: in this order its answer comes, a line each. */
export const REPOSITORY_QUERY: readonly string[] = [
  'rev-parse',
  '--path-format=absolute',
  '--git-dir',
  '--git-common-dir',
  '--show-object-format',
  '--show-toplevel',
];
