import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Place, placeAt, sessionKey } from '../../../lib/capture/place.ts';
import { newSession } from '../../../lib/capture/session/session.ts';
import { loadSession, openSession, saveSession } from '../../../lib/capture/session/session-store.ts';
import { stateToJson } from '../../../lib/capture/session/state-json.ts';
import { loadSweepState, saveSweepState } from '../../../lib/capture/sweep/state.ts';
import { loadTxn, wasTxnDamaged } from '../../../lib/capture/transaction/transaction.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { NOW } from '../../support/records.ts';

const KEY = sessionKey('codex', 's');
let dir = '';
let place: Place;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kept-state-'));
  place = placeAt(dir);
  await mkdir(join(place.sessions, KEY), { recursive: true });
  await mkdir(place.txns, { recursive: true });
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const statePath = (): string => join(place.sessions, KEY, 'state.json');
const whole = stateToJson({ ...newSession(KEY, 'codex', 's'), model: 'm' });

describe('a state that can not be read', () => {
  it.each([
    ['empty', ''],
    ['cut short', whole.slice(0, -20)],
    ['a list', '[]'],
    ['null', 'null'],
    ["another session's", stateToJson(newSession('another', 'codex', 's'))],
    ['of other kinds', stateToJson({ ...newSession(KEY, 'codex', 's'), calls: 'none' })],
    ['of other kinds inside a map', stateToJson({ ...newSession(KEY, 'codex', 's'), open: {} })],
    ['zeros', '\0'.repeat(400)],
  ])('is set aside and named: %s', async (_what, text) => {
    await writeFile(statePath(), text);
    expect(await loadSession(place, KEY)).toBeNull();
    const [aside, ...more] = await readdir(join(place.sessions, KEY));
    expect(aside).toMatch(/^state\.json\.damaged-\d+$/);
    expect(more).toEqual([]);
    const fresh = await openSession(place, KEY, 'codex', 's');
    expect(fresh.gaps).toEqual([expect.stringContaining('what was kept of this session could not be read')]);
    await saveSession(place, fresh);
    expect(await loadSession(place, KEY)).toEqual(fresh);
  });

  it('is one too large to be read, too', async () => {
    await writeFile(statePath(), '');
    await truncate(statePath(), 65 * 1024 * 1024);
    expect((await openSession(place, KEY, 'codex', 's')).gaps).toHaveLength(1);
    expect(await readdir(join(place.sessions, KEY))).toHaveLength(1);
  });

  it('is believed in no cut of it, and never stops anybody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), async (length) => {
        await writeFile(statePath(), whole.slice(0, length));
        const state = await loadSession(place, KEY);
        expect(state === null).toBe(length < whole.length);
      }),
      { numRuns: 40 },
    );
  });

  it('of a transaction counts as none', async () => {
    const txn = newUlid(NOW);
    expect(await wasTxnDamaged(place, txn)).toBe(false);
    await writeFile(join(place.txns, `${txn}.json`), '{"txn":');
    expect(await loadTxn(place, txn)).toBeNull();
    expect(await wasTxnDamaged(place, txn)).toBe(true);
  });

  it('of the sweep is begun anew', async () => {
    await writeFile(place.swept, '{"readAt":"soon"}');
    expect(await loadSweepState(place, NOW)).toEqual({ readAt: 0, anchors: new Map(), marks: [] });
  });
});

describe('a session nobody knew', () => {
  it('has no gap, and one that is known stays what it is', async () => {
    expect((await openSession(place, KEY, 'codex', 's')).gaps).toEqual([]);
    await writeFile(statePath(), whole);
    expect(await openSession(place, KEY, 'codex', 's')).toMatchObject({ model: 'm', gaps: [] });
  });
});

describe('a sweep from before the clock was set back', () => {
  it('keeps no other from looking, and one that runs beside this one does', async () => {
    const anchors = new Map([['/repo', { length: 1, oid: 'a', hadLooks: true }]]);
    await saveSweepState(place, { readAt: NOW + 5 * 3_600_000, anchors, marks: [] });
    expect(await loadSweepState(place, NOW)).toEqual({ readAt: 0, anchors, marks: [] });
    await saveSweepState(place, { readAt: NOW + 100, anchors, marks: [] });
    expect(await loadSweepState(place, NOW)).toMatchObject({ readAt: NOW + 100 });
  });
});
