import { createHash } from 'node:crypto';
import { Skimmer } from '../../../dist/core/json/skim.js';
import { latinBytes } from '../../../dist/core/latin-bytes.js';
import { isReadable, parseLine } from '../../../dist/core/records/record.js';
import { BaseReader, encodeBase } from '../../../dist/ledger/index/base.js';
import { DamagedIndex, encodeBlocks } from '../../../dist/ledger/index/blocks.js';
import { factReader, sponsorText } from '../../../dist/ledger/index/facts.js';
import { decodeHead, encodeHead, RECORD_ENTRY } from '../../../dist/ledger/index/head.js';
import { Rows, rowSize } from '../../../dist/ledger/index/rows.js';
import { Strings } from '../../../dist/ledger/index/strings.js';
import { fixtureFiles, holds } from './tools.mjs';

const KEY = '0123456789abcdef';
const OID_BYTES = 20;
const INDEXED = /^agent-log\/(execution|binding|supplement|landing)\/v1$/;
const TOLD = /^agent-log\/(decision|approval|mr|event)\/v1$/;
const factsOf = factReader();
/** Of a line alone. */
const factOf = (line) => factsOf(latinBytes(line), 0, line.length);

async function lines() {
  const files = await fixtureFiles('schemas', /\.json$/);
  return files.map((file) => Buffer.from(JSON.stringify(JSON.parse(file.toString('utf8')))));
}

/** Rows of the fixtures' records, and the numbered strings they use. */
async function someRows() {
  const [rows, strings] = [new Rows(OID_BYTES), new Strings()];
  for (const line of await lines()) {
    for (const fact of factOf(line)) rows.add(fact, 'a'.repeat(40), 'b'.repeat(40), strings);
  }
  return { rows, strings };
}

/** The index lies on a disk: what is in it may be anything, also with digests that are right. */
export const ledgerTargets = [
  {
    name: 'ledger:index-line',
    seeds: lines,
    run(bytes) {
      const end = bytes.indexOf(10);
      const line = end < 0 ? bytes : bytes.subarray(0, end);
      const facts = factOf(line);
      const among = factsOf(latinBytes(Buffer.concat([bytes, Buffer.from('\n"\\{'), bytes])), 0, line.length);
      holds(JSON.stringify(among) === JSON.stringify(facts), 'a line says the same among others');
      const parsed = parseLine(line.toString('utf8'));
      if (!isReadable(parsed)) return;
      if (TOLD.test(parsed.record.schema)) {
        const { txn = null, txns = txn === null ? [] : [txn] } = parsed.record;
        holds(
          facts.length === 1 + new Set(txns).size,
          'a line has a row for its kind, and one for each transaction',
        );
      }
      if (!INDEXED.test(parsed.record.schema)) return;
      const { id, txn, record = parsed.digest } = parsed.record;
      const [fact] = facts;
      const { agent, model, sponsor } = parsed.record;
      if (agent !== undefined) {
        holds(fact.agent === agent.name && fact.model === model.name, 'a row says who did it');
        holds(fact.sponsor === (sponsor && sponsorText(sponsor)), 'a row says for whom');
      }
      holds(facts.length === 1, 'a record has its row');
      holds(fact.id === id && fact.txn === txn && fact.record === record, 'a row names its record');
    },
  },
  {
    name: 'ledger:skim',
    seeds: lines,
    run(bytes) {
      const text = bytes.toString('utf8');
      const skimmer = new Skimmer(['schema', 'txn', 'files']);
      if (!skimmer.skim(text)) return;
      const value = parsedOrNull(text);
      if (value === null) return;
      for (const name of ['schema', 'txn', 'files']) {
        const found = skimmer.text(name);
        holds(
          written(found === null ? undefined : JSON.parse(found)) ===
            written(Object.hasOwn(value, name) ? value[name] : undefined),
          'a value is what JSON.parse says',
        );
      }
    },
  },
  {
    name: 'ledger:index-head',
    async seeds() {
      const { rows, strings } = await someRows();
      const { base } = encodeBase(KEY, rows, strings.all, OID_BYTES);
      const head = { tip: 'c'.repeat(40), base, added: rows, strings: strings.all };
      return [encodeHead(head, 'sha1').subarray(0, -32), encodeHead(head, 'sha1')];
    },
    run(bytes) {
      const signed = Buffer.concat([bytes, createHash('sha256').update(bytes).digest()]);
      for (const one of [bytes, signed]) {
        const head = decodeHead(one, 'sha1');
        if (head === null) continue;
        for (const row of head.added)
          holds(typeof `${row.txn}${row.object}${row.at}` === 'string', 'a row is read');
        ask(() => BaseReader.of(Buffer.alloc(4096), head.base));
      }
    },
  },
  {
    name: 'ledger:index-base',
    async seeds() {
      const { rows, strings } = await someRows();
      return [encodeBase(KEY, rows, strings.all, OID_BYTES).bytes, rows.bytes];
    },
    run(bytes) {
      // Once as it lies there, once with every digest made right for it.
      const size = rowSize(OID_BYTES);
      const { bytes: file, tables } = encodeBlocks(KEY, [
        { size, bytes },
        { size: RECORD_ENTRY, bytes },
        { size: 1, bytes },
      ]);
      const [rows, records, strings] = tables;
      const base = { key: KEY, rows, records, strings };
      for (const one of [bytes, file]) ask(() => BaseReader.of(one, base));
    },
  },
];

/** Every question there is: an answer, or the word that the index is damaged. */
function ask(open) {
  const questions = [
    (base) => [...base.ofTxn('0')].length,
    (base) => [...base.ofRecord('aaaaaaaaaaaa')].length,
    (base) => base.rows(OID_BYTES).count,
    (base) => base.strings().length,
  ];
  for (const question of questions) {
    try {
      holds(typeof question(open()) === 'number', 'a question has an answer');
    } catch (error) {
      if (!(error instanceof DamagedIndex)) throw error;
    }
  }
}

/** The engine parses at any depth, and writes only so deep. */
function written(value) {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return 'too deep';
    throw error;
  }
}

function parsedOrNull(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
