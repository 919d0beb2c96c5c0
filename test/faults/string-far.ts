import type { ChildProcess } from 'node:child_process';
import { type TincanChannel, TincanError, type TincanLine, type TincanWorld } from '@brygga/tincan';
import type { Asked, Said, Step } from './string.ts';

/**
 * The end of the string on the networks' side: does in the world what a hub process asks for, and tells it what
 * happens. What it had said before its death is still done, as by a server that reads its socket to the end.
 */
export function holdEnd(world: TincanWorld, child: ChildProcess): void {
  const end = new FarEnd(world, (said) => {
    if (child.connected) child.send(said, () => undefined);
  });
  child.on('message', (asked) => end.hear(asked as Asked));
  child.once('disconnect', () => end.close());
}

class FarEnd {
  readonly #world: TincanWorld;
  readonly #say: (said: Said) => void;
  readonly #lines = new Map<number, TincanLine>();

  constructor(world: TincanWorld, say: (said: Said) => void) {
    this.#world = world;
    this.#say = say;
  }

  hear(asked: Asked): void {
    switch (asked.do) {
      case 'connect':
        void this.#connect(asked);
        break;
      case 'watch':
        this.#lines.get(asked.line)?.watch(asked.channel);
        break;
      case 'unwatch':
        this.#lines.get(asked.line)?.unwatch(asked.channel);
        break;
      case 'close':
        this.#lines.get(asked.line)?.close();
        break;
      case 'call':
        void this.#call(asked);
        break;
      case 'introduce':
        this.#world.network(asked.network).introduce(asked.by);
        break;
      case 'signal':
        this.#world.network(asked.network).signal(asked.signal);
        break;
    }
  }

  /** The process is gone. */
  close(): void {
    for (const line of [...this.#lines.values()]) line.close();
  }

  async #connect({ line, network, password }: Extract<Asked, { do: 'connect' }>): Promise<void> {
    try {
      const opened = await this.#world.network(network).connect(password, {
        changed: (channel, change) => this.#say({ say: 'changed', line, channel, change }),
        signalled: (signal) => this.#say({ say: 'signalled', line, signal }),
        broken: () => {
          this.#lines.delete(line);
          this.#say({ say: 'broken', line });
        },
      });
      this.#lines.set(line, opened);
      this.#say({ say: 'connected', line });
    } catch (error) {
      this.#say({ say: 'refused', line, ...troubleOf(error) });
    }
  }

  async #call({ line, call, name, channel, steps }: Extract<Asked, { do: 'call' }>): Promise<void> {
    try {
      const open = this.#lines.get(line);
      if (open === undefined) throw new TincanError('down');
      const answer = await open.call(name, channel, null, (there) => done(there, steps));
      this.#say({ say: 'answer', call, answer });
    } catch (error) {
      this.#say({ say: 'failed', call, ...troubleOf(error) });
    }
  }
}

/** What comes of these steps, the first of them on the channel itself. */
function done(channel: TincanChannel, steps: readonly Step[]): unknown {
  let [of, value]: [unknown, unknown] = [undefined, channel];
  for (const step of steps) {
    if ('call' in step) value = Reflect.apply(value as () => unknown, of, step.call);
    else [of, value] = [value, value === undefined ? undefined : Reflect.get(value as object, step.get)];
  }
  return value;
}

/** What is no word of the network's is a defect of the test. */
function troubleOf(error: unknown): Pick<TincanError, 'trouble' | 'afterMs'> {
  if (!(error instanceof TincanError)) throw error;
  const { trouble, afterMs } = error;
  return { trouble, afterMs };
}
