import { systemClock } from '@brygga/contract';
import {
  type CallName,
  type LineEnd,
  type TincanActor,
  type TincanChannel,
  TincanError,
  TincanLine,
  TincanNetwork,
  type TincanSignal,
  type TincanTrouble,
  TincanWorld,
} from '@brygga/tincan';
import type { Asked, Said, Step } from './string.ts';

/** Who waits for something to be said. */
interface Waiting {
  readonly line: number;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: TincanError) => void;
}

/** A world that is elsewhere: this process has its end of the string, which ends with it. */
export class FarWorld extends TincanWorld {
  readonly #string: NearEnd;
  readonly #networks = new Map<string, FarNetwork>();

  /** `say`: to the other end, which keeps the order of what it is told; `hear` is to be told of all it says. */
  constructor(say: (asked: Asked) => void) {
    super();
    this.#string = new NearEnd(say);
  }

  hear(said: Said): void {
    this.#string.hear(said);
  }

  override network(name: string): TincanNetwork {
    const known = this.#networks.get(name);
    if (known !== undefined) return known;
    const network = new FarNetwork(name, this.#string, this.textBytesMax);
    this.#networks.set(name, network);
    return network;
  }
}

class NearEnd {
  readonly say: (asked: Asked) => void;
  readonly #lines = new Map<number, FarLine>();
  readonly #waiting = new Map<number, Waiting>();
  #numbers = 0;

  constructor(say: (asked: Asked) => void) {
    this.say = say;
  }

  number(): number {
    this.#numbers += 1;
    return this.#numbers;
  }

  lines(number: number, line: FarLine): void {
    this.#lines.set(number, line);
  }

  /** Says it; resolves with what is said to that number. Rejects with `TincanError` only. */
  ask(number: number, line: number, asked: Asked, signal: AbortSignal | null = null): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const giveUp = (): void => reject(new TincanError('aborted'));
    this.#waiting.set(number, { line, resolve, reject });
    if (signal?.aborted === true) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    this.say(asked);
    return promise.finally(() => {
      this.#waiting.delete(number);
      signal?.removeEventListener('abort', giveUp);
    });
  }

  /** The line is gone, and so are the answers that would have come over it. */
  forget(line: number): void {
    this.#lines.delete(line);
    for (const one of this.#waiting.values()) if (one.line === line) one.reject(new TincanError('lost'));
  }

  hear(said: Said): void {
    switch (said.say) {
      case 'connected':
        this.#waiting.get(said.line)?.resolve(null);
        break;
      case 'refused':
        this.#failed(said.line, said.trouble);
        break;
      case 'answer':
        this.#waiting.get(said.call)?.resolve(said.answer);
        break;
      case 'failed':
        this.#failed(said.call, said.trouble, said.afterMs);
        break;
      case 'changed':
        this.#lines.get(said.line)?.changed(said.channel, said.change);
        break;
      case 'signalled':
        this.#lines.get(said.line)?.signalled(said.signal);
        break;
      case 'broken':
        this.#lines.get(said.line)?.broken();
        break;
    }
  }

  #failed(number: number, trouble: TincanTrouble, afterMs?: number): void {
    this.#waiting.get(number)?.reject(new TincanError(trouble, afterMs));
  }
}

class FarNetwork extends TincanNetwork {
  readonly #string: NearEnd;

  constructor(name: string, string: NearEnd, textBytesMax: number) {
    super(name, { clock: systemClock, textBytesMax, keptMax: 1 });
    this.#string = string;
  }

  override async connect(password: string, end: LineEnd): Promise<TincanLine> {
    const number = this.#string.number();
    const line = new FarLine(this, password, end, this.#string, number);
    const asked: Asked = { do: 'connect', line: number, network: this.name, password };
    await this.#string.ask(number, number, asked).catch((error: unknown) => {
      this.#string.forget(number);
      throw error;
    });
    return line;
  }

  override introduce(by: TincanActor): void {
    this.#string.say({ do: 'introduce', network: this.name, by });
  }

  override signal(signal: TincanSignal): void {
    this.#string.say({ do: 'signal', network: this.name, signal });
  }
}

class FarLine extends TincanLine {
  readonly #string: NearEnd;
  readonly #number: number;

  constructor(network: TincanNetwork, password: string, end: LineEnd, string: NearEnd, number: number) {
    super(network, password, end, () => string.forget(number));
    this.#string = string;
    this.#number = number;
    string.lines(number, this);
  }

  override watch(channel: string): void {
    super.watch(channel);
    this.#string.say({ do: 'watch', line: this.#number, channel });
  }

  override unwatch(channel: string): void {
    super.unwatch(channel);
    this.#string.say({ do: 'unwatch', line: this.#number, channel });
  }

  override async call<T>(
    name: CallName,
    channel: string,
    signal: AbortSignal | null,
    deed: (channel: TincanChannel) => T,
  ): Promise<T> {
    if (!this.open) throw new TincanError('down');
    const call = this.#string.number();
    const asked: Asked = { do: 'call', line: this.#number, call, name, channel, steps: stepsOf(deed) };
    return (await this.#string.ask(call, this.#number, asked, signal)) as T;
  }

  override close(): void {
    this.#string.say({ do: 'close', line: this.#number });
    super.close();
  }
}

/** What somebody does with a channel, step by step: it is done to one that only writes that down. */
function stepsOf(deed: (channel: TincanChannel) => unknown): readonly Step[] {
  let last: readonly Step[] = [];
  const after = (steps: readonly Step[]): object => {
    last = steps;
    return new Proxy(() => undefined, {
      get: (_, get) => after([...steps, { get }]),
      apply: (_, __, call: unknown[]) => after([...steps, { call }]),
    });
  };
  deed(after([]) as TincanChannel);
  return last;
}
