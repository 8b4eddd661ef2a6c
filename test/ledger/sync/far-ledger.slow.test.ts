import { mkdir, readdir } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AgentLogError } from '../../../lib/core/errors.ts';
import { FAR_LIMITS, type FarLimits } from '../../../lib/git/far/source.ts';
import { readNote } from '../../../lib/ledger/ledger.ts';
import { openFarLedger } from '../../../lib/ledger/sync/far-ledger.ts';
import { type GitServer, serveGit } from '../../support/git-http.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
let server: GitServer;
let url = '';
let head = '';

/** A note that is no record of ours is enough: whoever reads it may be told anything. */
beforeAll(async () => {
  repo = await makeRepo();
  head = await repo.commit('Two', { 'big.txt': 'abc\n'.repeat(50_000), 'b.txt': 'b\n' });
  await repo.git('notes', '--ref=agent-log', 'add', '-m', 'a line', head);
  await mkdir(repo.path('../served'));
  await repo.git('clone', '-q', '--mirror', '.', repo.path('../served/x.git'));
  await repo.git('-C', repo.path('../served/x.git'), 'config', 'uploadpack.allowFilter', 'true');
  await repo.git('init', '-q', '--bare', '--object-format=sha256', repo.path('../served/sha256.git'));
  server = await serveGit(repo.path('../served'), repo.env);
  url = `${server.url}/x.git`;
});

afterAll(async () => {
  await server.close();
  await repo.remove();
});

/** What opening it and reading a note comes to: the note's text, or the error's. */
async function outcome(address: string, useGit: boolean, limits: Partial<FarLimits> = {}): Promise<string> {
  try {
    const far = await openFarLedger(address, {
      name: 'main',
      useGit,
      limits: { ...FAR_LIMITS, ...limits },
    });
    try {
      return (await readNote(far.ledger, far.name ?? ''))?.text ?? 'no note';
    } finally {
      await far.close();
    }
  } catch (error) {
    if (error instanceof AgentLogError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('a ledger far away', () => {
  for (const useGit of [true, false])
    describe(useGit ? 'with git' : 'without git', () => {
      test('is read, and attack: no more of it than is allowed', async () => {
        expect(await outcome(url, useGit)).toBe('a line\n');
        expect(await outcome(url, useGit, { bytes: 200 })).toContain('it sends more than 200 bytes');
      });

      test('attack: a server that says nothing, or never ends, is left', async () => {
        const open: ServerResponse[] = [];
        const silent = await listening((_path, response) => void open.push(response));
        expect(await outcome(silent.url, useGit, { idleMs: 300 })).toContain('it says nothing any more');
        expect(await outcome(silent.url, useGit, { ms: 300 })).toContain('it takes too long');
        silent.close();
      });

      test('attack: a folder of ours is left nowhere', async () => {
        const folders = async (): Promise<string[]> =>
          (await readdir(tmpdir())).filter((name) => name.startsWith('agent-log-far-'));
        const before = await folders();
        await outcome(url, useGit, { bytes: 200 });
        expect(await folders()).toEqual(before);
      });
    });

  test('attack: another pack than was asked for, a cut one, and one that swells are told, never taken for “no record”', async () => {
    for (const spoil of [
      (pack: Buffer): Buffer => pack.subarray(0, pack.length - 40),
      (pack: Buffer): Buffer => Buffer.concat([pack.subarray(0, 20), Buffer.from('x'), pack.subarray(21)]),
      (): Buffer => EMPTY_PACK,
    ]) {
      const spoiling = await listening(async (path, response, body) => {
        const answer = await fetch(`${url}${path}`, {
          method: body === '' ? 'GET' : 'POST',
          headers: { 'git-protocol': 'version=2', 'content-type': 'application/x-git-upload-pack-request' },
          ...(body === '' ? {} : { body }),
        });
        const bytes = Buffer.from(await answer.arrayBuffer());
        response.setHeader('content-type', answer.headers.get('content-type') ?? '');
        response.end(body.includes('command=fetch') ? withPack(spoil(packIn(bytes))) : bytes);
      });
      expect(await outcome(spoiling.url, false)).toMatch(/^UNREACHABLE: .* could not be read: /);
      spoiling.close();
    }
  });

  test('names by SHA-256 take git', async () => {
    expect(await outcome(`${server.url}/sha256.git`, false)).toContain('SHA-256, which takes git');
  });
});

const EMPTY_PACK = Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex');

function packIn(answer: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < answer.length; ) {
    const length = Number.parseInt(answer.toString('latin1', at, at + 4), 16);
    if (length > 4 && answer[at + 4] === 1) parts.push(answer.subarray(at + 5, at + length));
    at += Math.max(4, length);
  }
  return Buffer.concat(parts);
}

function withPack(pack: Buffer): Buffer {
  const packet = (bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
  return Buffer.concat([
    packet(Buffer.from('packfile\n')),
    packet(Buffer.concat([Buffer.from([1]), pack])),
    Buffer.from('0000'),
  ]);
}

async function listening(
  answer: (path: string, response: ServerResponse, body: string) => unknown,
): Promise<{ readonly url: string; readonly close: () => void }> {
  const one: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on(
      'end',
      () => void answer(request.url ?? '', response, Buffer.concat(parts).toString('latin1')),
    );
  });
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(one.address() as AddressInfo).port}`,
    close: () => {
      one.closeAllConnections();
      one.close();
    },
  };
}
