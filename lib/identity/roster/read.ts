import { AgentLogError } from '../../core/errors.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import { type CommittedFile, readRegularFile } from '../../git/trees/regular-file.ts';
import type { Problem } from './fields.ts';
import { type Mailmap, NO_MAILMAP, parseMailmap } from './mailmap.ts';
import { emptyRoster, parseRoster } from './parse.ts';
import type { Roster } from './roster.ts';

export const ROSTER_PATH = '.agent-log/sponsors.yaml';
export const ROSTER_MAX_BYTES: number = 2 * 1024 * 1024;
const MOST_TOLD = 50;

/**
 * Who may answer for changes, as a commit says: the tip of the branch a change goes to, never the change itself. Without the
 * file nobody is known, and `file` is null. Throws BAD_ROSTER with all that is wrong.
 */
export async function readRoster(reader: ObjectReader, commit: string): Promise<Roster> {
  const [file, names] = await Promise.all([
    readRegularFile(reader, commit, ROSTER_PATH, ROSTER_MAX_BYTES),
    readRegularFile(reader, commit, '.mailmap', ROSTER_MAX_BYTES),
  ]);
  const mailmap = mailmapOf(names, commit);
  if (file.kind === 'missing') return emptyRoster(commit, mailmap);
  if (file.kind !== 'file') throw badRoster(ROSTER_PATH, commit, [noFile(file)]);
  const from = { commit, file: file.oid, mailmap };
  const { roster, problems } = parseRoster(file.content.toString('utf8'), from);
  if (problems.length > 0) throw badRoster(ROSTER_PATH, commit, problems);
  return roster;
}

/** Without the one that should be there, one person could count twice. */
function mailmapOf(file: CommittedFile, commit: string): Mailmap {
  if (file.kind === 'missing') return NO_MAILMAP;
  if (file.kind !== 'file') throw badRoster('.mailmap', commit, [noFile(file)]);
  return parseMailmap(file.content.toString('utf8'));
}

const IS = {
  link: 'is a symbolic link',
  submodule: 'is a submodule, or in one',
  folder: 'is a folder',
  'too-large': `is over ${ROSTER_MAX_BYTES} bytes`,
  missing: 'is missing',
} as const;

function noFile({ kind }: Exclude<CommittedFile, { kind: 'file' }>): Problem {
  return { where: 'it', what: IS[kind], hint: 'Commit it as a regular file: nothing it leads to is read.' };
}

function badRoster(path: string, commit: string, problems: readonly Problem[]): AgentLogError {
  const told = problems.slice(0, MOST_TOLD);
  const left = problems.length - told.length;
  const mistakes = told.map(({ where, what }) => `${where} ${what}`);
  return new AgentLogError('BAD_ROSTER', 'usage', `${path} at ${commit.slice(0, 12)} can't be used`, {
    mistakes: left > 0 ? [...mistakes, `and ${left} more`] : mistakes,
    hints: told.map(({ where, hint }) => `${where}: ${hint}`),
  });
}
