import { isAbsolute, resolve } from 'node:path';
import type { AdapterContext, Retrieved } from './events.ts';
import { plainUrl } from './payload.ts';

/** A file an agent read; one outside the repository is a text, so that its name never enters a record. */
export function fileRead(
  file: string | undefined,
  kind: 'file' | 'instructions',
  cwd: string | null,
  context: AdapterContext,
): Retrieved<string>[] {
  if (file === undefined) return [];
  const path = context.pathInRepository(file, cwd);
  if (path !== null) return [{ kind, uri: path }];
  return [{ kind: 'outside', uriText: isAbsolute(file) ? file : resolve(cwd ?? '/', file) }];
}

/** A page an agent read; what its address may hide in user, query and fragment stays out of the record. */
export function urlRead(text: string | undefined): Retrieved<string>[] {
  if (text === undefined) return [];
  const url = plainUrl(text);
  return [{ kind: 'url', uriText: text, ...(url === undefined ? {} : { uri: url }) }];
}
