import { encodeEnvelope, parseEnvelope } from '../../../dist/core/dsse.js';
import { packProblem } from '../../../dist/git/far/pack-check.js';
import { readPackets } from '../../../dist/git/far/pkt-line.js';
import { holds, texts } from './tools.mjs';

const LIMITS = { object: 100_000, total: 200_000 };
const PACK = Buffer.from(
  '5041434b000000020000000235789ccb48cdc9c907000628021535789c2bcf2fca490100068602297f8c1a2b5e9a1f0d3c4b5a69788796a5b4c3d2e1',
  'hex',
);

/** What comes from servers and bundles that nobody vouches for. */
export const farTargets = [
  {
    name: 'core:envelope',
    seeds: async () =>
      texts(
        '{"payload":"aGVsbG8=","payloadType":"t","signatures":[{"keyid":"k","sig":"AAAA"}]}',
        '{"payload":"-_8","payloadType":"日","signatures":[]}',
      ),
    run(bytes) {
      const read = parseEnvelope(bytes.toString('utf8'));
      if (typeof read === 'string') return;
      const again = parseEnvelope(encodeEnvelope(read));
      holds(typeof again !== 'string' && again.payload.equals(read.payload), 'an envelope is read again');
    },
  },
  {
    name: 'git:packets',
    seeds: async () => texts('000eversion 2\n0000', '0014command=ls-refs\n00010000', '0002'),
    run(bytes) {
      const read = readPackets(bytes);
      const size = (one) => (Buffer.isBuffer(one) ? one.length + 4 : 4);
      holds(
        read === null || read.reduce((sum, one) => sum + size(one), 0) === bytes.length,
        'every byte is in a packet',
      );
    },
  },
  {
    name: 'git:pack',
    seeds: async () => [PACK],
    run(bytes) {
      const problem = packProblem(bytes, LIMITS);
      holds(problem === null || typeof problem === 'string', 'a pack is judged');
    },
  },
];
