import { escapeTerminal } from '../../core/escape.ts';
import { type FarAddress, unreachable } from './address.ts';
import { lineOf, type Packet, packets, readPackets } from './pkt-line.ts';
import type { FarFetch, FarRefs } from './source.ts';
import type { Talk } from './talk.ts';

/** A server that speaks version 2 of git's protocol. */
export interface UploadPack {
  readonly refs: () => Promise<FarRefs>;
  /** The pack with what was asked for. */
  readonly pack: (what: FarFetch) => Promise<Buffer>;
}

const SERVICE = 'git-upload-pack';
const MOST_REFS = 500_000;

/** Greets a server. Throws UNREACHABLE where it speaks another version, or names objects otherwise than by SHA-1. */
export async function greet(address: FarAddress, talk: Talk): Promise<UploadPack> {
  const type = `application/x-${SERVICE}-advertisement`;
  const answer = await talk.ask(`info/refs?service=${SERVICE}`, type, null);
  const lines = inPackets(address, answer).map(lineOf);
  if (!lines.includes('version 2'))
    throw unreachable(address, 'it does not speak version 2 of git’s protocol');
  const format = lines.find((line) => line?.startsWith('object-format=')) ?? 'object-format=sha1';
  if (format !== 'object-format=sha1')
    throw unreachable(address, 'its objects are named by SHA-256, which takes git to read');
  const fetching = lines.find((line) => line?.startsWith('fetch=')) ?? '';
  const canFilter = fetching.slice('fetch='.length).split(' ').includes('filter');
  const command = async (words: readonly string[]): Promise<Packet[]> =>
    inPackets(address, await talk.ask(SERVICE, `application/x-${SERVICE}-result`, packets(words)));
  return {
    refs: async () => refsOf(address, await command(LS_REFS)),
    pack: async (what) => packOf(address, await command(fetchWords(what, canFilter))),
  };
}

const LS_REFS = [
  'command=ls-refs',
  '',
  'peel',
  'symrefs',
  'ref-prefix HEAD',
  'ref-prefix refs/heads/',
  'ref-prefix refs/tags/',
  'ref-prefix refs/notes/agent-log',
];

function fetchWords({ wants, depth, filter }: FarFetch, canFilter: boolean): string[] {
  return [
    'command=fetch',
    '',
    'ofs-delta',
    'no-progress',
    ...wants.map((oid) => `want ${oid}`),
    ...(depth === null ? [] : [`deepen ${depth}`]),
    ...(filter === null || !canFilter ? [] : [`filter ${filter}`]),
    'done',
  ];
}

function inPackets(address: FarAddress, bytes: Buffer): Packet[] {
  const found = readPackets(bytes);
  if (found === null) throw unreachable(address, 'its answer is damaged');
  const error = found.map(lineOf).find((line) => line?.startsWith('ERR '));
  if (error != null) throw refused(address, error.slice('ERR '.length));
  return found;
}

function refused(address: FarAddress, said: string): Error {
  return unreachable(address, `it says: ${escapeTerminal(said.trim().slice(0, 200))}`);
}

const REF = /^([0-9a-f]{40}) (HEAD|refs\/[^\s\p{C}~^:?*[\\]{1,1000})((?: [^ ]+)*)$/u;

/** A ref whose name or id is none is left out: nothing can be asked of it. */
function refsOf(address: FarAddress, answer: readonly Packet[]): FarRefs {
  if (answer.length > MOST_REFS) throw unreachable(address, `it has more than ${MOST_REFS} refs`);
  const byName = new Map<string, string>();
  let head: string | null = null;
  for (const packet of answer) {
    const [, oid = '', name = '', attributes = ''] = REF.exec(lineOf(packet) ?? '') ?? [];
    if (name === '' || name.includes('..')) continue;
    byName.set(name, / peeled:([0-9a-f]{40})(?: |$)/.exec(attributes)?.[1] ?? oid);
    if (name === 'HEAD') head = / symref-target:(refs\/heads\/[^ ]+)/.exec(attributes)?.[1] ?? null;
  }
  return { byName, head: head !== null && byName.has(head) ? head : null };
}

const SIDE = { data: 1, error: 3 };

function packOf(address: FarAddress, answer: readonly Packet[]): Buffer {
  const start = answer.findIndex((packet) => lineOf(packet) === 'packfile');
  if (start < 0) throw unreachable(address, 'it sends no objects');
  const parts: Buffer[] = [];
  for (const packet of answer.slice(start + 1)) {
    if (!Buffer.isBuffer(packet)) break;
    if (packet[0] === SIDE.error) throw refused(address, packet.toString('utf8', 1));
    if (packet[0] === SIDE.data) parts.push(packet.subarray(1));
  }
  return Buffer.concat(parts);
}
