import fc from 'fast-check';
import { expect, it } from 'vitest';
import { latinBytes } from '../../../lib/core/latin-bytes.ts';
import { isExecution, isReadable, parseLine } from '../../../lib/core/records/record.ts';
import { mayTellByContent } from '../../../lib/core/risk/by-content.ts';
import { compileRiskMatcher } from '../../../lib/core/risk/risk.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { classBits, type Fact, factReader, MAY_TELL, sponsorText } from '../../../lib/ledger/index/facts.ts';
import { executionRecord, NOW, storedBinding, storedExecution } from '../../support/records.ts';

const TXN = newUlid(NOW);
const names = fc.constantFrom(
  'claude-code',
  'Örn "Þór" \\',
  '日本',
  'x'.repeat(600),
  '{"name":"other"}',
  '\u0000',
);

const record = fc
  .record({
    agent: names,
    model: fc.option(names),
    sponsor: fc.option(names),
    path: fc.constantFrom('src/a.ts', 'package.json', 'k8s/app.yaml', 'ä"\\.tf'),
    reason: fc.string(),
  })
  .map(({ agent, model, sponsor, path, reason }) =>
    JSON.stringify({
      ...executionRecord({
        txn: TXN,
        agent: { name: agent, version: reason.slice(0, 40), sessionId: null, chain: [] },
        model: { provider: null, name: model },
        sponsor: sponsor === null ? null : { name: sponsor, email: 'jane@example.com', source: 'flag' },
        files: [{ path, change: 'modified', blob: 'a'.repeat(40), by: 'agent' }],
      }),
    }),
  );

const DEEP = `${'['.repeat(5000)}${']'.repeat(5000)}`;

/** What is said twice, said otherwise, nested without end, or no text at all. */
const disguised = fc.tuple(record, fc.nat(9)).map(([line, how]): Buffer => {
  const added = (member: string): string => `${line.slice(0, -1)},${member}}`;
  const texts = [
    line,
    line.replaceAll('":', '" :\t').replaceAll(',"', ' ,\r "'),
    line.replace('"txn":', '"t\\u0078n":'),
    added(`"txn":"${newUlid(NOW + 1)}"`),
    added('"agent":{"name":"later","name":"last","version":null,"sessionId":null,"chain":[]}'),
    added('"sponsor":{"n\\u0061me":"Jo","email":"jo@example.com","source":"flag"}'),
    `{"files":{"txn":"${newUlid(NOW + 2)}"},${line.slice(1)}`,
    `{"__proto__":{"txn":1},"toString":1e999,"big":${'9'.repeat(400)},${line.slice(1)}`,
    added(`"x":${DEEP},"y":"\\\\\\"}{","z":"\\ud800"`),
  ];
  return texts[how] === undefined ? Buffer.from(added('"x":"\xff"'), 'latin1') : Buffer.from(texts[how]);
});

const risk = compileRiskMatcher();

/** What a reader that parses all of it says of an execution record. */
function expected(line: Buffer): Fact[] | null {
  const parsed = parseLine(line.toString('utf8'));
  if (!isReadable(parsed) || !isExecution(parsed)) return null;
  const { id, txn, recordedAt, agent, model, sponsor, files } = parsed.record;
  const mayTell = files.some(({ path, blob }) => blob !== null && mayTellByContent(path)) ? MAY_TELL : 0;
  const classes = files.reduce((bits, { path }) => bits | classBits(risk(path)), mayTell);
  return [
    {
      kind: 1,
      id,
      txn,
      record: parsed.digest,
      at: Date.parse(recordedAt),
      agent: agent.name,
      model: model.name,
      sponsor: sponsor === null ? null : sponsorText(sponsor),
      classes,
    },
  ];
}

it('tells of a line what a parser says, wherever the line lies', () => {
  const factsOf = factReader();
  fc.assert(
    fc.property(fc.array(disguised, { minLength: 1, maxLength: 4 }), (lines) => {
      const said = latinBytes(Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
      let start = 0;
      for (const line of lines) {
        const facts = factsOf(said, start, start + line.length);
        expect(facts).toEqual(factReader()(latinBytes(line), 0, line.length));
        expect(facts).toEqual(expected(line) ?? facts);
        start += line.length + 1;
      }
    }),
    { numRuns: 300 },
  );
});

it('every disguise it is tried with but those that make no record is read', () => {
  const read = fc.sample(disguised, 300).filter((line) => expected(line) !== null);
  expect(read.length).toBeGreaterThan(60);
});

it('reads a binding, of a name given twice the last, and nothing of what is no record', () => {
  const factsOf = factReader();
  const of = (line: string): readonly Fact[] =>
    factsOf(latinBytes(Buffer.from(line)), 0, Buffer.byteLength(line));
  const stored = storedExecution({ txn: TXN });
  const { line } = storedBinding(stored, 'a'.repeat(40));
  expect(of(line)).toMatchObject([{ kind: 2, txn: TXN, record: stored.digest }]);
  const other = newUlid(NOW + 5);
  expect(of(`${line.slice(0, -1)},"txn":"${other}"}`)).toMatchObject([{ txn: other }]);
  for (const text of ['', '{}', '{"schema"', '[]', 'null', '"agent-log/binding/v1"'])
    expect(of(text)).toEqual([]);
});
