import { readdir, readFile } from 'node:fs/promises';

/**
 * Bytes of memory that the processes of a group take, as Linux tells; 0 where nothing tells it. git keeps all that a server advertises
 * before it says any of it, so nothing else shows how much has come.
 */
export async function memoryOfGroup(group: number): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const sizes = await Promise.all(pids.map((pid) => memoryIn(pid, group)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function memoryIn(pid: string, group: number): Promise<number> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // A command's name, in brackets, may hold whatever it likes.
    const [, , its] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(its) !== group) return 0;
    const [, kilobytes = '0'] =
      /^VmRSS:\s*(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'latin1')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}
