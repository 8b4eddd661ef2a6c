import type { ObjectFormat } from './digest.ts';

/** True for a full object id in lower-case hex, SHA-1 or SHA-256. */
export function isOid(text: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

export function nullOid(format: ObjectFormat): string {
  return '0'.repeat(format === 'sha1' ? 40 : 64);
}

export function hexLength(format: ObjectFormat): number {
  return format === 'sha1' ? 40 : 64;
}

/** As much of an id as people read. */
export function shortOid(oid: string): string {
  return oid.slice(0, 10);
}
