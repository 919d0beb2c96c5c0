import type { Clock } from '@brygga/contract';
import { type MatrixEvent, numberField } from './native.ts';

/** How long after a pause of the homeserver's a number left out is taken for a transaction that got lost. */
const DOUBT_MS = 60_000;
/** Whatever comes so soon after we came up may belong to the end of a pause. */
const FRESH_MS = 10_000;
/** What was written here and is pushed so much later has waited for the end of a pause. */
const WAITED_MS = 1_500;
/** So long after the last sign of a pause all rooms are looked at, but not more often than this. */
const LOOK_AFTER_MS = 3_000;
const LOOK_EVERY_MS = 60_000;

/**
 * Notices that the homeserver left a transaction lying. Synapse (seen in 1.160, `appservice/scheduler.py`) stops
 * pushing when we do not answer; what is written at the moment it has handed over the last of what waited, and has
 * not noted yet that we are back, is stored and pushed only after the *next* such pause, behind newer ones. Its
 * transactions are numbered, by one sequence for all application services: a number left out means something only
 * around the end of a pause.
 */
export class PushGaps {
  readonly #clock: Clock;
  readonly #look: () => void;
  readonly #server: string;
  #last: number | null = null;
  #upSince = Number.NEGATIVE_INFINITY;
  #doubtUntil = Number.NEGATIVE_INFINITY;
  #looked = Number.NEGATIVE_INFINITY;
  #cancel: () => void = () => undefined;

  /** `look`: all rooms are to be read once more, whether or not anything is pushed. */
  constructor(clock: Clock, serverName: string, look: () => void) {
    this.#clock = clock;
    this.#server = `:${serverName}`;
    this.#look = look;
  }

  up(): void {
    this.#upSince = this.#clock.now();
  }

  /** True when one before it may be missing. */
  take(id: string, events: readonly MatrixEvent[]): boolean {
    const number = /^\d{1,15}$/.test(id) ? Number(id) : null;
    const last = this.#last;
    if (number !== null) this.#last = number;
    const now = this.#clock.now();
    const again = number !== null && number === last;
    if (again || now - this.#upSince < FRESH_MS || this.#haveWaited(events)) this.paused();
    return number !== null && last !== null && number > last + 1 && now < this.#doubtUntil;
  }

  /** We have given it a reason to pause, or it has paused. */
  paused(): void {
    const now = this.#clock.now();
    this.#doubtUntil = now + DOUBT_MS;
    this.#cancel();
    const ms = Math.max(LOOK_AFTER_MS, this.#looked + LOOK_EVERY_MS - now);
    this.#cancel = this.#clock.after(ms, () => {
      this.#looked = this.#clock.now();
      this.#look();
    });
  }

  close(): void {
    this.#cancel();
  }

  /** By the homeserver's own clock: ours may differ, and bridges date what they write as they like. */
  #haveWaited(events: readonly MatrixEvent[]): boolean {
    return events.some(
      ({ sender, unsigned }) =>
        sender.endsWith(this.#server) && (numberField(unsigned, 'age') ?? 0) > WAITED_MS,
    );
  }
}
