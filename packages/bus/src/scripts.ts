import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ChainableCommander, Cluster } from 'ioredis';
import { tagOf } from './cluster.ts';
import type { Client } from './connect.ts';
import type { Pace } from './pace.ts';

/** The scripts, each with the shared parts it is built on. */
const PARTS = {
  accept: ['claim'],
  plan: ['claim', 'carry'],
  bury: ['claim', 'tried'],
  take: ['claim', 'carry'],
  'return-aside': ['claim', 'carry'],
  tell: ['claim'],
  hold: ['tried'],
  record: ['carry'],
  more: [],
  renew: [],
  lease: ['carry'],
  unlease: [],
  sweep: ['carry', 'full'],
  look: ['full'],
  replay: ['full'],
  drop: [],
  late: ['claim'],
  'late-look': [],
} as const;
export type ScriptName = keyof typeof PARTS;

interface Script {
  readonly text: string;
  readonly sha: string;
}

const read = (name: string): string =>
  readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8');
const script = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') });

const SCRIPTS = Object.fromEntries(
  Object.entries(PARTS).map(([name, parts]) => [
    name,
    script([...parts.map((part) => `${part}.part`), name].map(read).join('')),
  ]),
) as Record<ScriptName, Script>;

export type Argument = string | number;

export interface ScriptRunner {
  run(name: ScriptName, keys: readonly string[], args: readonly Argument[]): Promise<unknown>;
}

/** How many copies of Redis must have what a script wrote, and how long they may take. */
export interface Replication {
  readonly copies: number;
  readonly waitMs: number;
}

/** A copy may take half as long as Redis itself before it counts as behind. */
export const replicationOf = (options: {
  readonly replicas?: number | undefined;
  readonly silentMs: number;
}): Replication => ({ copies: options.replicas ?? 0, waitMs: Math.ceil(options.silentMs / 2) });

/**
 * What was asked for may be written, but too few copies of Redis have it: a fail-over may forget it. As with a Redis
 * that did not answer, nothing may follow from it.
 */
export class NotReplicated extends Error {
  override readonly name = 'NotReplicated';
}

/** Redis has no memory left for it: nothing was written. */
export class RedisFull extends Error {
  override readonly name = 'RedisFull';
}

/** Scripts sent in one piece at most. */
const PIECE_MAX = 16;

interface Call {
  readonly name: ScriptName;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs the house's scripts by their digest; sends the text once when Redis does not know it (any more). What is
 * asked for in one turn of the event loop goes in one piece, in the order in which it was asked for; nobody waits
 * for the answers to an earlier piece, so that Redis and this process work at the same time.
 */
export class Scripts implements ScriptRunner {
  readonly #redis: Client;
  readonly #replication: Replication;
  readonly #before: (() => void)[] = [];
  readonly #pace: Pick<Pace, 'run'>;
  #calls: Call[] = [];
  #soon = false;
  #sending = false;
  /** Pieces whose answers have not come. */
  #underWay = 0;

  /** `pace`: at which answers are dealt with. Those of leases never wait. */
  constructor(redis: Client, replication: Replication, pace: Pick<Pace, 'run'> = { run: (task) => task() }) {
    this.#redis = redis;
    this.#replication = replication;
    this.#pace = pace;
  }

  /** `gather` is called just before a piece is sent; what it asks for goes first. */
  before(gather: () => void): void {
    this.#before.push(gather);
  }

  run(name: ScriptName, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    this.soon();
    return new Promise((resolve, reject) => {
      this.#calls.push({ name, keys, args, resolve, reject });
      if (this.#calls.length >= PIECE_MAX) this.#send();
    });
  }

  /** A piece is sent at the end of this turn; at once when nothing is under way, and nobody is there to wait for. */
  soon(): void {
    if (this.#soon) return;
    this.#soon = true;
    const send = (): void => {
      this.#soon = false;
      this.#send();
    };
    if (this.#underWay === 0) process.nextTick(send);
    else setImmediate(send);
  }

  #send(): void {
    if (this.#sending) return;
    this.#sending = true;
    const later = this.#calls;
    this.#calls = [];
    for (const gather of this.#before) gather();
    const calls = this.#calls.length === 0 ? later : [...this.#calls, ...later];
    this.#calls = [];
    this.#sending = false;
    if (calls.length === 0) return;
    if (this.#redis instanceof Cluster) for (const piece of byRoom(calls)) this.#sendPiece(piece);
    else this.#sendPiece(calls);
  }

  #sendPiece(calls: readonly Call[]): void {
    this.#underWay += 1;
    const pipeline = this.#redis.pipeline();
    for (const { name, keys, args } of calls)
      pipeline.call('evalsha', [SCRIPTS[name].sha, keys.length, ...keys, ...args]);
    this.#exec(pipeline).then(
      (answers) => {
        this.#underWay -= 1;
        this.#answer(calls, answers ?? []);
      },
      (error: unknown) => {
        this.#underWay -= 1;
        for (const { reject } of calls) this.#pace.run(() => reject(error));
      },
    );
  }

  #answer(calls: readonly Call[], answers: readonly [error: Error | null, answer: unknown][]): void {
    const { copies } = this.#replication;
    if (copies > 0 && !(Number(answers[calls.length]?.[1]) >= copies)) {
      for (const { reject } of calls) this.#pace.run(() => reject(new NotReplicated()));
      return;
    }
    for (const [index, call] of calls.entries()) {
      const [error, answer] = answers[index] ?? [new Error('no answer'), null];
      this.#pace.run(() => {
        if (error === null) call.resolve(answer);
        else if (isUnknownScript(error)) this.#sendText(call);
        else call.reject(isFull(error) ? new RedisFull() : error);
      });
    }
  }

  #sendText(call: Call): void {
    const { name, keys, args, reject } = call;
    const pipeline = this.#redis.pipeline();
    pipeline.eval(SCRIPTS[name].text, keys.length, ...keys, ...args);
    this.#exec(pipeline).then((answers) => this.#answer([call], answers ?? []), reject);
  }

  /** Waits once for all that was written on this connection: https://redis.io/commands/wait */
  #exec(pipeline: ChainableCommander): ReturnType<ChainableCommander['exec']> {
    const { copies, waitMs } = this.#replication;
    if (copies > 0) pipeline.wait(copies, waitMs);
    return pipeline.exec();
  }
}

/** In a cluster one piece goes to one node, and what must stay in order stays in one piece. */
const byRoom = (calls: readonly Call[]): Iterable<readonly Call[]> =>
  Map.groupBy(calls, ({ keys }) => tagOf(keys[0] ?? '')).values();

// Error codes of the protocol, not sentences for people: https://redis.io/docs/latest/develop/reference/eviction/
const isFull = (error: Error): boolean => error.message.includes('OOM command not allowed');
// https://redis.io/commands/evalsha
const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT');
