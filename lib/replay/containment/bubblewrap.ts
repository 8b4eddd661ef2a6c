import { CELL_HOME, type Cell, SYSTEM_FILES, SYSTEM_FOLDERS } from './cell.ts';

const APART =
  '--unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-net --unshare-cgroup-try --die-with-parent --new-session --cap-drop ALL --hostname replay --clearenv'.split(
    ' ',
  );

/** bubblewrap's arguments for a command in a cell: no network, no other processes, nothing of the disk but the cell's. */
export function bubblewrapArgs(cell: Cell, diskBytes: number, argv: readonly string[]): string[] {
  const emptyFolder = (path: string): string[] => ['--size', String(diskBytes), '--tmpfs', path];
  return [
    ...APART,
    ...Object.entries(cell.env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...[...SYSTEM_FOLDERS, ...SYSTEM_FILES].flatMap((path) => ['--ro-bind-try', path, path]),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    // Its own would be as large as half of the memory.
    ...emptyFolder('/dev/shm'),
    '--remount-ro',
    '/dev',
    ...emptyFolder('/tmp'),
    ...emptyFolder(CELL_HOME),
    ...cell.reads.flatMap((path) => ['--ro-bind', path, path]),
    '--bind',
    cell.work,
    cell.at,
    '--remount-ro',
    '/',
    '--chdir',
    cell.cwd,
    '--',
    ...argv,
  ];
}
