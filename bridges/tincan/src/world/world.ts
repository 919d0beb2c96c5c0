import { type Clock, systemClock } from '@brygga/contract';
import { TincanNetwork } from './network.ts';

export interface TincanWorldOptions {
  readonly clock?: Clock;
  /** Bytes of markup one message may have. */
  readonly textBytesMax?: number;
  /** Messages and changes a channel keeps. */
  readonly keptMax?: number;
}

/** Every deployment of the invented network that a bridge can reach: shared by the bridge and whoever tests it. */
export class TincanWorld {
  readonly clock: Clock;
  readonly textBytesMax: number;
  readonly #keptMax: number;
  readonly #networks = new Map<string, TincanNetwork>();

  constructor({ clock = systemClock, textBytesMax = 4000, keptMax = 10_000 }: TincanWorldOptions = {}) {
    this.clock = clock;
    this.textBytesMax = textBytesMax;
    this.#keptMax = keptMax;
  }

  /** The network of that name, founded when it is not there. */
  network(name: string): TincanNetwork {
    const known = this.#networks.get(name);
    if (known !== undefined) return known;
    const { clock, textBytesMax } = this;
    const network = new TincanNetwork(name, { clock, textBytesMax, keptMax: this.#keptMax });
    this.#networks.set(name, network);
    return network;
  }

  /** Whether there is a network of that name. */
  has(name: string): boolean {
    return this.#networks.has(name);
  }
}
