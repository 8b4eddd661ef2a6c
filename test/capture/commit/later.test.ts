import { describe, expect, it } from 'vitest';
import { supplementOf } from '../../../lib/capture/commit/later.ts';
import { newSession, type SessionState } from '../../../lib/capture/session/session.ts';
import { noteRecorded } from '../../../lib/capture/session/settle.ts';
import { transcriptGap, untoldByTranscript } from '../../../lib/capture/session/transcript-gap.ts';
import { encodeRecord, type SupplementRecord } from '../../../lib/core/records/record.ts';
import { completed } from '../../../lib/core/records/supplement.ts';
import { NOW, storedExecution } from '../../support/records.ts';

const USED = { inputTokens: 1, outputTokens: 2 };
const gap = (...unknown: ('model' | 'usage' | 'reason')[]): string => transcriptGap('copilot-cli', unknown);

/** A session whose first commit was recorded before Copilot had written anything. */
function recordedTooEarly(): { session: SessionState; stored: ReturnType<typeof storedExecution> } {
  const session = newSession('key', 'copilot-cli', 's');
  const stored = storedExecution({
    agent: { name: 'copilot-cli', version: null, sessionId: 's', chain: [] },
    model: { provider: null, name: null },
    capture: { by: 'hooks', gaps: [transcriptGap('copilot-cli', untoldByTranscript(session)), 'another'] },
  });
  noteRecorded(session, stored.digest, stored.record, 'c'.repeat(40));
  return { session, stored };
}

/** What `show` tells once both supplements are in, or only one, in whatever order they were read. */
function gapsKnown(
  stored: ReturnType<typeof storedExecution>,
  supplements: readonly (SupplementRecord | null)[],
): readonly string[] {
  const all = supplements.filter((one) => one !== null);
  for (const one of all) encodeRecord(one);
  return completed(stored.record, stored.digest, all).capture.gaps;
}

describe('a transcript that came after the commit', () => {
  it('leaves unknown what it does not tell, and says so', () => {
    const { session, stored } = recordedTooEarly();
    expect(stored.record.capture.gaps).toEqual([gap('model', 'usage', 'reason'), 'another']);
    expect(supplementOf(session, NOW)).toBeNull();
    session.model = 'm';
    const withModel = supplementOf(session, NOW);
    expect(gapsKnown(stored, [withModel])).toEqual([gap('usage', 'reason'), 'another']);
    session.usage.set('1', USED);
    session.endedAt = NOW;
    const withBoth = supplementOf(session, NOW);
    expect(gapsKnown(stored, [withBoth])).toEqual([gap('reason'), 'another']);
    expect(gap('reason')).toMatch(/so the reason is unknown$/);
  });

  it('narrows a gap step by step, whatever the order the steps are read in', () => {
    const { session, stored } = recordedTooEarly();
    session.model = 'm';
    const first = supplementOf(session, NOW);
    // As after the first was written.
    if (session.lastRecord !== null)
      session.lastRecord = { ...session.lastRecord, hasModel: true, untold: ['usage', 'reason'] };
    session.usage.set('1', USED);
    session.endedAt = NOW;
    const second = supplementOf(session, NOW + 1);
    expect(gapsKnown(stored, [second, first, second])).toEqual([gap('reason'), 'another']);
  });

  it('adds no word on gaps to a record that has none', () => {
    const session = newSession('key', 'copilot-cli', 's');
    const stored = storedExecution({ capture: { by: 'hooks', gaps: [] } });
    noteRecorded(session, stored.digest, stored.record, 'c'.repeat(40));
    session.usage.set('1', USED);
    session.endedAt = NOW;
    expect(supplementOf(session, NOW)).not.toHaveProperty('gaps');
  });
});

describe('a supplement', () => {
  it("narrows only gaps the record has, and no other record's", () => {
    const { session, stored } = recordedTooEarly();
    session.model = 'm';
    const supplement = supplementOf(session, NOW) as SupplementRecord;
    const other = storedExecution({ capture: { by: 'hooks', gaps: ['another'] } });
    expect(completed(other.record, other.digest, [supplement]).capture.gaps).toEqual(['another']);
    expect(
      completed(stored.record, stored.digest, [{ ...supplement, record: other.digest }]).capture.gaps,
    ).toEqual(stored.record.capture.gaps);
  });
});
