import { setTimeout as sleep } from 'node:timers/promises';
import { TEXT, Wrong } from '../job.ts';

/** Where messages go in and come out again, in so many rooms. */
export interface Ends {
  readonly rooms: number;
  /** Somebody writes in the room, on the near side. */
  say(room: number, text: string): void;
  /** Is told of everything that somebody hears in that room, on the far side. */
  heard: (room: number, text: string) => void;
  /** What carries them there; null where there is nothing between. */
  readonly hub: { cpuMicros(): Promise<number>; complaint(): string | null } | null;
}

const GREETING = 'hello from the other side';
const AGAIN_MS = 500;
const PATIENCE_MS = 60_000;

interface Sent {
  readonly message: number;
  readonly at: number;
}

/** Sends numbered messages and expects each on the far side, once, in the order of its room. */
export class Course {
  /** Told of each arrival, with what it took. */
  arrived: (room: number, ms: number) => void = () => undefined;
  said = 0;
  come = 0;
  readonly #ends: Ends;
  /** By room: messages that are under way, oldest first. */
  readonly #underWay: Sent[][];
  readonly #greeted: Set<number> = new Set();
  #wrong: string | null = null;

  constructor(ends: Ends) {
    this.#ends = ends;
    this.#underWay = Array.from({ length: ends.rooms }, () => []);
    ends.heard = (room, text) => this.#heard(room, text);
  }

  /** Until a greeting comes through in every room, nobody knows whether everybody is in. */
  async greet(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (this.#greeted.size < this.#ends.rooms) {
      if (performance.now() > deadline) throw new Wrong('nothing arrives on the far side');
      for (let room = 0; room < this.#ends.rooms; room++) {
        if (!this.#greeted.has(room)) this.#ends.say(room, GREETING);
      }
      await sleep(AGAIN_MS);
    }
    await sleep(2 * AGAIN_MS);
  }

  say(room: number): void {
    if (this.#wrong !== null) throw new Wrong(this.#wrong);
    const message = this.said;
    this.said += 1;
    this.#underWay[room]?.push({ message, at: performance.now() });
    this.#ends.say(room, `${message} ${TEXT}`);
  }

  /** Waits for what is still under way. @throws Wrong when it does not come */
  async drained(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (this.come < this.said && performance.now() < deadline && this.#wrong === null) await sleep(20);
    if (this.#wrong !== null) throw new Wrong(this.#wrong);
    if (this.come < this.said) throw new Wrong(`${this.said} messages were said, ${this.come} arrived`);
  }

  #heard(room: number, text: string): void {
    if (text === GREETING) return void this.#greeted.add(room);
    const message = /^\d+(?= The quick)/.exec(text)?.[0];
    if (message === undefined) return;
    const [due] = this.#underWay[room]?.splice(0, 1) ?? [];
    if (due === undefined || due.message !== Number(message)) {
      this.#wrong ??= `room ${room} got message ${message} when ${due?.message ?? 'none'} was due`;
      return;
    }
    this.come += 1;
    this.arrived(room, performance.now() - due.at);
  }
}
