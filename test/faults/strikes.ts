import type { RedisFault, RedisGate } from '@brygga/testkit';
import type { CallFault, NoticeFault } from '@brygga/tincan';
import { networkName, type Stage } from './stage.ts';

/** A process that something may befall. */
export interface Victim {
  readonly gate: Pick<RedisGate, 'lost'>;
  die(): void;
  standStill(): Promise<void>;
}

/** Where faults strike. `prefix`: of its keys in Redis. */
export interface Scene {
  readonly prefix: string;
  /** The process that a network knows by this password. */
  processOf(password: string): Victim | undefined;
}

/** A step that something may befall, and what. */
export type Fault =
  | { readonly on: 'command'; readonly of: Commands; readonly what: RedisFault | Blow }
  | {
      readonly on: 'call';
      /** Only calls of that network count. */
      readonly to?: string;
      readonly what: CallBlow | Blow;
    }
  | { readonly on: 'notice'; readonly what: NoticeFault['kind'] };

/** What befalls a whole process: it dies before or after the step, or stands still over it for a while. */
type Blow = 'die' | 'dieAfter' | 'freeze';
type CallBlow =
  | 'before'
  | 'commit'
  | 'loseAnswer'
  | 'lateAnswer'
  | 'lag'
  | 'throttle'
  | 'internal'
  | 'refuse';

/** Commands to Redis by what they are about: a room's lanes and id map, leases, BullMQ's jobs, or any of these. */
export type Commands = 'room' | 'lease' | 'jobs' | 'any';

const LAG_MS = 150;

const CALLS: Readonly<Record<CallBlow, CallFault>> = {
  before: { kind: 'hangUp', commit: false },
  commit: { kind: 'hangUp', commit: true },
  loseAnswer: { kind: 'loseAnswer' },
  lateAnswer: { kind: 'lateAnswer', ms: LAG_MS },
  lag: { kind: 'lag', ms: LAG_MS },
  throttle: { kind: 'throttle', afterMs: LAG_MS },
  internal: { kind: 'internal' },
  refuse: { kind: 'refuse' },
};

const about: Readonly<Record<Commands, (prefix: string, command: Buffer) => boolean>> = {
  room: (prefix, command) => command.includes(`${prefix}:{r`),
  lease: (prefix, command) => command.includes(`${prefix}:{lease:`),
  jobs: (prefix, command) => command.includes(`{${prefix}-jobs}`),
  any: (prefix, command) => command.includes(prefix),
};

/** A fault that waits for the n-th step of its kind from now on, whichever process takes it. */
export class Strike {
  struck = false;
  readonly #scene: Scene;
  readonly #fault: Fault;
  #left: number;

  constructor(scene: Scene, fault: Fault, n: number) {
    this.#scene = scene;
    this.#fault = fault;
    this.#left = n;
  }

  command(process: Victim, command: Buffer): RedisFault | undefined {
    const { on } = this.#fault;
    if (this.struck || on !== 'command' || !about[this.#fault.of](this.#scene.prefix, command))
      return undefined;
    if (!this.#due()) return undefined;
    const { what } = this.#fault;
    switch (what) {
      case 'die':
        process.die();
        return undefined;
      case 'dieAfter':
        process.gate.lost = () => process.die();
        return 'lose';
      case 'freeze':
        void process.standStill();
        return undefined;
      default:
        return what;
    }
  }

  call(password: string, network: string): CallFault | undefined {
    if (this.struck || this.#fault.on !== 'call') return undefined;
    const { what, to = network } = this.#fault;
    if (to !== network || !this.#due()) return undefined;
    const process = this.#scene.processOf(password);
    switch (what) {
      case 'die':
      case 'dieAfter':
        process?.die();
        return { kind: 'hangUp', commit: what === 'dieAfter' };
      case 'freeze':
        void process?.standStill();
        return undefined;
      default:
        return CALLS[what];
    }
  }

  notice(): NoticeFault | undefined {
    if (this.struck || this.#fault.on !== 'notice' || !this.#due()) return undefined;
    const { what } = this.#fault;
    return what === 'lag' ? { kind: 'lag', ms: LAG_MS } : { kind: what };
  }

  #due(): boolean {
    this.#left -= 1;
    this.struck = this.#left <= 0;
    return this.struck;
  }
}

/** The faults that wait for their step, on all processes and networks of a scene. */
export class Strikes {
  readonly #scene: Scene;
  readonly #all: Strike[] = [];

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Whether any of them has struck. */
  get struck(): boolean {
    return this.#all.some(({ struck }) => struck);
  }

  arm(fault: Fault, n: number): Strike {
    const strike = new Strike(this.#scene, fault, n);
    this.#all.push(strike);
    return strike;
  }

  command(process: Victim, command: Buffer): RedisFault | undefined {
    return first(this.#all, (strike) => strike.command(process, command));
  }

  call(password: string, network: string): CallFault | undefined {
    return first(this.#all, (strike) => strike.call(password, network));
  }

  notice(): NoticeFault | undefined {
    return first(this.#all, (strike) => strike.notice());
  }
}

/** The faults that wait for their step on a stage of tincan networks. */
export function strikesOn(stage: Stage): Strikes {
  const strikes = new Strikes(stage);
  stage.onCommand = (process, command) => strikes.command(process, command);
  for (let link = 0; link < stage.size.links; link += 1) {
    const name = networkName(link);
    const network = stage.world.network(name);
    network.calls.always(({ password }) => strikes.call(password, name));
    network.notices.always(() => strikes.notice());
  }
  return strikes;
}

function first<T>(strikes: readonly Strike[], meet: (strike: Strike) => T | undefined): T | undefined {
  for (const strike of strikes) {
    const fault = meet(strike);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
