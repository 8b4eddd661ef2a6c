import { CELL_HOME, type Cell, SYSTEM_FILES, SYSTEM_FOLDERS } from './cell.ts';

const APART =
  '--pdeathsig KILL /usr/bin/unshare --user --map-root-user --mount --pid --fork --kill-child --ipc --uts --net -- /bin/sh -c'.split(
    ' ',
  );

/** The same as bubblewrap does, with what util-linux has: arguments of setpriv, which ends it when we end. `mount` is where a new root is put together: any empty folder. */
export function unshareArgs(cell: Cell, diskBytes: number, mount: string, argv: readonly string[]): string[] {
  const counted = (list: readonly string[]): string[] => [String(list.length), ...list];
  const variables = Object.entries(cell.env).map(([name, value]) => `${name}=${value}`);
  return [
    ...APART,
    SCRIPT,
    'sh',
    mount,
    cell.work,
    cell.at,
    cell.cwd,
    CELL_HOME,
    String(diskBytes),
    ...counted(SYSTEM_FOLDERS),
    ...counted(SYSTEM_FILES),
    ...counted(cell.reads),
    '/usr/bin/env',
    '-i',
    ...variables,
    ...argv,
  ];
}

/**
 * Puts a root together, goes there and lets go of the old one, and of every capability with it. A folder of the system that is a link
 * stays one.
 */
const SCRIPT = `set -e
root=$1 work=$2 at=$3 cwd=$4 home=$5 size=$6
shift 6
umask 022
mount -t tmpfs -o "size=$size,mode=0755" tmpfs "$root"
mkdir -p "$root/proc" "$root/dev" "$root/tmp" "$root$home" "$root/.old"
mount -t tmpfs -o "size=$size,mode=1777" tmpfs "$root/tmp"
mount -t tmpfs -o "size=$size,mode=0700" tmpfs "$root$home"
readonly_at() {
  for kept in '' ,nosuid,nodev ,nosuid,nodev,noexec; do
    mount -o "remount,bind,ro$kept" "$1" 2>/dev/null && return 0
  done
  return 1
}
shown() {
  [ -e "$1" ] || return 0
  if [ -L "$1" ]; then mkdir -p "$root\${1%/*}"; ln -s "$(readlink "$1")" "$root$1"; return 0; fi
  if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root\${1%/*}"; : > "$root$1"; fi
  mount --rbind "$1" "$root$1"
  while read -r _ _ _ _ point _; do
    point=$(printf '%b' "$point")
    case $point in "$root$1" | "$root$1"/*) readonly_at "$point" ;; esac
  done < /proc/self/mountinfo
}
for kind in folders files reads; do
  count=$1; shift
  while [ "$count" -gt 0 ]; do shown "$1"; shift; count=$((count - 1)); done
done
for device in null zero full random urandom; do : > "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
ln -s /proc/self/fd "$root/dev/fd"
mount -t proc proc "$root/proc"
mkdir -p "$root$at"
mount --bind "$work" "$root$at"
cd "$root"
pivot_root . .old
umount -l /.old
rmdir /.old
mount -t tmpfs -o remount,ro tmpfs /
cd "$cwd"
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
`;
