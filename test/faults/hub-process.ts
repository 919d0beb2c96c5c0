import { type Log, systemClock } from '@brygga/contract';
import { type Hub, type Settings, startHub } from '@brygga/hub';
import { type Dice, FaultClock, RedisGate } from '@brygga/testkit';
import { TincanSettings, type TincanWorld, tincanKind } from '@brygga/tincan';

export interface ProcessParts {
  readonly world: TincanWorld;
  readonly redis: string;
  /** With that address of Redis. */
  readonly settings: (redis: string) => Settings;
  readonly log: Log;
  readonly dice: Dice;
  /** By what the networks tell this process from the others. */
  readonly password: string;
}

const STOP_MS = 1000;
/** Longer than a lease. */
const STILL_MS = 3200;
/** How soon somebody who waits at an interrupted network, or for Redis, looks again: all of it in a hurry. */
const HURRY = { pollMs: 300, sendTimeoutMs: 600 } as const;

/**
 * One hub process as all others see it: its connection to Redis, its lines to the networks, its clock. To them
 * its death is that these end, at once and for ever, so it may die here between any two steps without a process
 * of its own. What it still does afterwards nobody hears.
 */
export class HubProcess {
  readonly password: string;
  readonly gate: RedisGate;
  readonly clock = new FaultClock();
  /** Resolves when it is dead or has stopped. */
  readonly gone: Promise<void>;
  readonly #parts: ProcessParts;
  readonly #end: () => void;
  readonly #dying = new AbortController();
  #hub: Hub | null = null;

  private constructor(parts: ProcessParts, gate: RedisGate) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#parts = parts;
    this.#end = resolve;
    this.gone = promise;
    this.gate = gate;
    this.password = parts.password;
  }

  static async create(parts: ProcessParts): Promise<HubProcess> {
    return new HubProcess(parts, await RedisGate.to(parts.redis));
  }

  /** Rejects when the hub does not start: then the process has ended. */
  async start(): Promise<void> {
    const { world, log, dice } = this.#parts;
    const settings = this.#parts.settings(this.gate.url);
    const kind = tincanKind(world);
    const bridges = new Map(
      settings.networks.map(({ id, settings: given }) => {
        const own = TincanSettings.parse({ world: id, password: this.password, ...HURRY, ...given });
        return [id, { bridge: kind.create(id, own), settings: own }];
      }),
    );
    const random = (): number => dice.next();
    try {
      this.#hub = await startHub({
        settings,
        bridges,
        log,
        clock: this.clock,
        random,
        stopWithinMs: STOP_MS,
        processMetrics: false,
        signal: this.#dying.signal,
      });
    } catch (error) {
      this.die();
      throw error;
    }
    if (this.#dying.signal.aborted) await this.#hub.stop();
  }

  /** As by `kill -9`. */
  die(): void {
    this.#dying.abort();
    this.gate.cut();
    for (const { id } of this.#parts.settings(this.gate.url).networks) {
      this.#parts.world.network(id).lockOut(this.password);
    }
    this.#move();
    void this.#hub?.stop();
    this.#end();
  }

  /**
   * As on a machine that is suspended for a while: nothing of it moves, its date goes on. Long enough for somebody
   * else to take over.
   */
  async standStill(): Promise<void> {
    this.gate.stall();
    this.clock.freeze();
    await systemClock.sleep(STILL_MS);
    this.#move();
  }

  #move(): void {
    this.clock.thaw();
    this.gate.flow();
  }

  /** As by SIGTERM. */
  async stop(): Promise<void> {
    this.#move();
    if (this.#hub === null) this.#dying.abort();
    await this.#hub?.stop();
    this.gate.close();
    this.#end();
  }
}
