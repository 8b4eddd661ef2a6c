import { spawn } from 'node:child_process';
import { AgentLogError } from '../../core/errors.ts';
import { type GitPlace, gitEnvironment } from '../process/runner.ts';
import { contentsOf } from '../repository/asking.ts';
import type { FirstAnswer } from '../repository/first-answer.ts';
import { BatchOutput, type GitObject, type ObjectInfo } from './batch-output.ts';
import { type BatchPipe, FLUSH, pipeOf } from './batch-pipe.ts';
import { BulkReader, type TakeObject, WHOLE_ID } from './bulk-reader.ts';

export type { GitObject };

/** Reads objects by any name git understands. Null when there is none of that name. */
export interface ObjectReader {
  read(name: string): Promise<GitObject | null>;
  /** Reads many by id at once, where there is a quicker way than one by one. */
  readMany?(oids: readonly string[], take: TakeObject): Promise<void>;
  /** What an object is and how large, where that takes no process more. */
  readonly look?: (name: string) => Promise<ObjectInfo | null>;
  close(): void;
}

/** Reads objects by id, all in one go as far as the reader knows how to. */
export async function readMany(
  reader: ObjectReader,
  oids: readonly string[],
  take: TakeObject,
): Promise<void> {
  if (reader.readMany !== undefined) return reader.readMany(oids, take);
  await oneByOne((oid) => reader.read(oid), oids, take);
}

/** What is no whole id is not there. */
async function oneByOne(
  read: ObjectReader['read'],
  oids: readonly string[],
  take: TakeObject,
): Promise<void> {
  const objects = await Promise.all(
    oids.map((oid) => (WHOLE_ID.test(oid) ? read(oid) : Promise.resolve(null))),
  );
  for (const [at, object] of objects.entries()) take(object, at);
}

/** A process of its own takes longer to start than so few take to come one by one, all that were asked for together. */
const FEW = 200;

type Answer = GitObject | ObjectInfo;

interface Waiting {
  readonly isInfo: boolean;
  readonly resolve: (answer: Answer | null) => void;
  readonly reject: (error: unknown) => void;
}

/** One `git cat-file --batch-command` for as many reads as are wanted, and one for many at once; each is started at the first. */
export function openObjectReader(place: GitPlace, config: readonly string[] = []): ObjectReader {
  if (place.far !== undefined) return place.far.openReader();
  let batch: Batch | null = null;
  let bulk: BulkReader | null = null;
  let asked = 0;
  const started = (): Batch => {
    batch ??= new Batch(startBatch(place, config));
    return batch;
  };
  const read = (name: string): Promise<GitObject | null> => {
    const heard = place.heard?.objects.get(name);
    return heard === undefined ? started().read(name) : Promise.resolve(heard);
  };
  return {
    read,
    look: (name) => started().look(name),
    readMany(oids, take) {
      asked += oids.length;
      if (bulk === null && asked <= FEW) return oneByOne(read, oids, take);
      bulk ??= new BulkReader(place, config);
      return bulk.read(oids, take);
    },
    close() {
      batch?.close();
      bulk?.close();
      batch = null;
      bulk = null;
    },
  };
}

function startBatch(place: GitPlace, config: readonly string[]): BatchPipe {
  return pipeOf(
    spawn('git', [...config, 'cat-file', '--batch-command', '--buffer'], {
      cwd: place.cwd,
      env: gitEnvironment(place),
      stdio: ['pipe', 'pipe', 'ignore'],
    }),
  );
}

/** One `git cat-file --batch-command`, which may have something else to say first. */
export class Batch {
  readonly #pipe: BatchPipe;
  readonly #waiting: Waiting[] = [];
  readonly #output = new BatchOutput();
  #first: FirstAnswer | null;
  #failure: AgentLogError | null = null;
  #unsent = '';

  constructor(pipe: BatchPipe, first: FirstAnswer | null = null) {
    this.#pipe = pipe;
    this.#first = first;
    pipe.listen(
      (bytes) => this.#take(bytes),
      (cause) => this.#fail(cause),
    );
  }

  read(name: string): Promise<GitObject | null> {
    return this.#ask<GitObject>(name, false);
  }

  look(name: string): Promise<ObjectInfo | null> {
    return this.#ask<ObjectInfo>(name, true);
  }

  /** The answer to what git was asked for before, and nobody waits for yet. */
  expect(): Promise<GitObject | null> {
    const answer = this.#next<GitObject>(false);
    // Whoever reads it hears of a failure.
    answer.catch(() => undefined);
    return answer;
  }

  #ask<T extends Answer>(name: string, isInfo: boolean): Promise<T | null> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (/[\n\0]/.test(name) || name === '') return Promise.resolve(null);
    const question = isInfo ? `info ${name}\n` : contentsOf(name);
    if (this.#unsent.length + question.length > this.#pipe.atOnce) this.#send();
    // What is asked in one go is sent in one piece: git wakes up once for it.
    if (this.#unsent === '') process.nextTick(() => this.#send());
    this.#unsent += question;
    return this.#next(isInfo);
  }

  /** Git answers in the order it was asked, each question in its own way. */
  #next<T extends Answer>(isInfo: boolean): Promise<T | null> {
    return new Promise((resolve, reject) =>
      this.#waiting.push({ isInfo, resolve: (answer) => resolve(answer as T | null), reject }),
    );
  }

  close(): void {
    this.#send();
    this.#pipe.end();
  }

  #send(): void {
    const names = this.#unsent;
    this.#unsent = '';
    if (names !== '') this.#pipe.send(`${names}${FLUSH}`);
  }

  #take(chunk: Buffer): boolean {
    const bytes = this.#first === null ? chunk : this.#first.take(chunk);
    if (bytes === null) return true;
    this.#first = null;
    for (const answer of this.#output.take(bytes, () => this.#waiting[0]?.isInfo === true))
      this.#waiting.shift()?.resolve(answer !== null && 'content' in answer ? copied(answer) : answer);
    return this.#waiting.length > 0;
  }

  #fail(cause: unknown): void {
    const failure = new AgentLogError('GIT_FAILED', 'system', 'git cat-file ended before it answered', {
      cause,
    });
    this.#failure ??= failure;
    this.#first?.fail(cause);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

/** An object that may be kept without all that came with it. */
function copied({ oid, type, content }: GitObject): GitObject {
  return { oid, type, content: Buffer.from(content) };
}
