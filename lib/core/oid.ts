/** As much of an id as people read. */
export function shortOid(oid: string): string {
  return oid.slice(0, 10);
}
