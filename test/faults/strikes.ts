import type { RedisFault } from '@brygga/testkit';
import type { CallFault, NoticeFault } from '@brygga/tincan';
import type { HubProcess } from './hub-process.ts';
import { networkName, type Stage } from './stage.ts';

/** A step that something may befall, and what. */
export type Fault =
  | { readonly on: 'command'; readonly of: Commands; readonly what: RedisFault | Blow }
  | { readonly on: 'call'; readonly what: CallBlow | 'die' | 'dieAfter' | 'freeze' }
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
  readonly #stage: Stage;
  readonly #fault: Fault;
  #left: number;

  constructor(stage: Stage, fault: Fault, n: number) {
    this.#stage = stage;
    this.#fault = fault;
    this.#left = n;
  }

  command(process: HubProcess, command: Buffer): RedisFault | undefined {
    const { on } = this.#fault;
    if (this.struck || on !== 'command' || !about[this.#fault.of](this.#stage.prefix, command))
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

  call(password: string): CallFault | undefined {
    if (this.struck || this.#fault.on !== 'call' || !this.#due()) return undefined;
    const { what } = this.#fault;
    const process = this.#stage.processOf(password);
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

/** The faults that wait for their step, on all processes and networks of a stage. */
export class Strikes {
  readonly #stage: Stage;
  readonly #all: Strike[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
    stage.onCommand = (process, command) => first(this.#all, (strike) => strike.command(process, command));
    for (let link = 0; link < stage.size.links; link += 1) {
      const network = stage.world.network(networkName(link));
      network.calls.always(({ password }) => first(this.#all, (strike) => strike.call(password)));
      network.notices.always(() => first(this.#all, (strike) => strike.notice()));
    }
  }

  /** Whether any of them has struck. */
  get struck(): boolean {
    return this.#all.some(({ struck }) => struck);
  }

  arm(fault: Fault, n: number): Strike {
    const strike = new Strike(this.#stage, fault, n);
    this.#all.push(strike);
    return strike;
  }
}

function first<T>(strikes: readonly Strike[], meet: (strike: Strike) => T | undefined): T | undefined {
  for (const strike of strikes) {
    const fault = meet(strike);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
