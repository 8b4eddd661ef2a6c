import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Gathered, type GatherTask, gatherer, joinGathered } from './gathered.ts';
import { Rows } from './rows.ts';
import { Strings } from './strings.ts';

/** Lines a thread is sent. */
export interface Batch {
  readonly number: number;
  readonly memory: SharedArrayBuffer;
  readonly length: number;
}

/** What it gathered of them. */
export interface GatheredBatch {
  readonly number: number;
  readonly paths: readonly string[];
  readonly firsts: readonly number[];
  readonly rows: Uint8Array;
  readonly strings: readonly string[];
}

export interface GatheringOptions {
  /** What a thread runs. */
  readonly program: URL;
  /** Told how many notes were read. */
  readonly onProgress: (notes: number) => void;
  /** A batch is no longer needed. */
  readonly onFree: (lines: Buffer) => void;
  /** Bytes that are gathered before a second thread is started. */
  readonly alone?: number;
}

/** Starting a thread takes about as long as gathering so much. */
const ALONE = 4 * 1024 * 1024;
/** So many batches wait for the thread at most. It is not heard between two reads of what git says, which may be eight batches. */
const MOST_SENT = 8;

/**
 * Gathers what batches of lines tell, by two threads where it is much: once git has inflated what most others are made of, it says
 * lines far quicker than one thread cuts them up. What the other thread can't (or it can't start), this one does.
 */
export class Gathering {
  readonly #task: GatherTask;
  readonly #options: GatheringOptions;
  readonly #gather: (lines: Buffer) => Gathered;
  readonly #parts: Gathered[] = [];
  readonly #sent = new Map<number, Buffer>();
  #worker: Worker | null = null;
  #alone: number;
  #next = 0;
  #notes = 0;
  #onAllHeard: (() => void) | null = null;

  constructor(task: GatherTask, options: GatheringOptions) {
    this.#task = task;
    this.#options = options;
    this.#gather = gatherer(task);
    this.#alone = availableParallelism() > 1 ? (options.alone ?? ALONE) : Number.POSITIVE_INFINITY;
  }

  take(lines: Buffer): void {
    const number = this.#next++;
    this.#alone -= lines.length;
    if (this.#alone < 0 && this.#worker === null) this.#start();
    const memory = lines.buffer;
    if (this.#worker !== null && this.#sent.size < MOST_SENT && memory instanceof SharedArrayBuffer) {
      this.#sent.set(number, lines);
      this.#worker.postMessage({ number, memory, length: lines.length } satisfies Batch, []);
    } else this.#keep(number, lines, this.#gather(lines));
  }

  async end(): Promise<Gathered> {
    if (this.#sent.size > 0) await new Promise<void>((resolve) => (this.#onAllHeard = resolve));
    return joinGathered(this.#task.oidBytes, this.#parts);
  }

  close(): void {
    void this.#worker?.terminate();
  }

  #start(): void {
    const options = { workerData: this.#task, env: {}, argv: [], execArgv: [], stdin: false };
    const worker = new Worker(this.#options.program, options);
    this.#worker = worker;
    worker.on('message', (told: GatheredBatch) => this.#hear(told));
    worker.once('error', () => this.#doAlone());
    worker.once('exit', () => this.#doAlone());
  }

  #hear({ number, paths, firsts, rows, strings }: GatheredBatch): void {
    const lines = this.#sent.get(number);
    if (lines === undefined) return;
    this.#sent.delete(number);
    const bytes = Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength);
    const part = { paths, firsts, rows: new Rows(this.#task.oidBytes, bytes), strings: new Strings(strings) };
    this.#keep(number, lines, part);
    if (this.#sent.size === 0) this.#onAllHeard?.();
  }

  /** Whatever kept the other thread from it: if it is something that keeps this one from it too, it is said here. */
  #doAlone(): void {
    this.#alone = Number.POSITIVE_INFINITY;
    this.#worker = null;
    for (const [number, lines] of this.#sent) this.#keep(number, lines, this.#gather(lines));
    this.#sent.clear();
    this.#onAllHeard?.();
  }

  #keep(number: number, lines: Buffer, part: Gathered): void {
    this.#parts[number] = part;
    this.#notes += part.paths.length;
    this.#options.onProgress(this.#notes);
    this.#options.onFree(lines);
  }
}
