import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Repository } from '../../git/repository/repository.ts';
import { placeOf } from '../place.ts';
import { hasKept } from '../rewritten/kept.ts';

/** True while an agent's session is open, or an agent or git has left something that was not taken in: cheap enough for any command. */
export async function hasLeftovers(repo: Repository): Promise<boolean> {
  const place = placeOf(repo);
  if (existsSync(place.open)) return true;
  const names = await readdir(place.spool).catch(() => []);
  return names.some((name) => name.endsWith('.json')) || hasKept(place);
}
