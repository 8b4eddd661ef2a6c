/**
 * How people and agents change a repository. Set so that what is known of real ones comes out (see README.md): the share of
 * transactions plain `git revert` can still take back, and of their lines those that are gone, alone, or entangled.
 */
export const CHURN = {
  /** Tasks that go on at a time. */
  sideBySide: 4,
  /** How many more tasks are short than long, of 1 to 20 commits: the exponent of a power law. */
  shortTasks: 4.1,
  /** Changes in one commit, at most. */
  deeds: 5,
  /** How often a task stays with its own files; otherwise it goes where everybody goes. */
  inFocus: 0.95,
  /** How much more often some files are changed than others: the exponent of a power law. */
  hotFiles: 1.7,
  /** How often a task is about files that were changed lately, and how many of those there are. */
  buildsOn: 0.7,
  filesLately: 40,
  /** How often an edit is to lines of the last commits, and how many commits those are. */
  onRecent: 0.69,
  recent: 125,
  /** How often what is changed or put in stands beside what was written in one go, not within it. */
  beside: 0.81,
  /** Lines of a new function, and of what is put into one: at least, and at most. */
  functionLines: [8, 48],
  insertedLines: [1, 13],
  /** How often a change is what. */
  weights: {
    edit: 32,
    insert: 26,
    remove: 5,
    call: 12,
    newFunction: 12,
    renameFunction: 2,
    move: 0.6,
    reformat: 0.4,
    newFile: 3,
    renameFile: 0.8,
    removeFile: 1,
    bump: 0.6,
    depend: 0.5,
  },
  /** How often somebody goes over the lines of an agent's task when it is done. */
  reviews: 0.54,
};
