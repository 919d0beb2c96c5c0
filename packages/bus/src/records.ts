import type { RoomId } from '@brygga/event';
import type { Facts } from './facts.ts';
import { INBOX, type Keys } from './keys.ts';
import { type LaneOptions, type RecordAnswer, type RecordStep, recordsArguments } from './outbox.ts';
import type { Scripts } from './scripts.ts';

interface Asked {
  readonly step: RecordStep;
  readonly resolve: (answer: RecordAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Records of all lanes of a room that come together go in one script. They go before whatever else is sent
 * with them: a lane that is emptied by then falls to the next plan with its items in memory.
 */
export class Records {
  readonly #scripts: Scripts;
  readonly #keys: Keys;
  readonly #options: LaneOptions;
  readonly #facts: Facts;
  #rooms = new Map<RoomId, Asked[]>();

  constructor(scripts: Scripts, keys: Keys, options: LaneOptions, facts: Facts) {
    this.#scripts = scripts;
    this.#keys = keys;
    this.#options = options;
    this.#facts = facts;
    scripts.before(() => this.#send());
  }

  write(step: RecordStep): Promise<RecordAnswer> {
    this.#scripts.soon();
    return new Promise((resolve, reject) => {
      const asked = { step, resolve, reject };
      const room = this.#rooms.get(step.claim.room);
      if (room === undefined) this.#rooms.set(step.claim.room, [asked]);
      else room.push(asked);
    });
  }

  #send(): void {
    if (this.#rooms.size === 0) return;
    const rooms = this.#rooms;
    this.#rooms = new Map();
    for (const [room, asked] of rooms) for (const some of apart(asked)) void this.#run(room, some);
  }

  async #run(room: RoomId, asked: readonly Asked[]): Promise<void> {
    const steps = asked.map(({ step }) => step);
    try {
      const args = recordsArguments(this.#keys, this.#options, this.#facts, steps);
      const answers = (await this.#scripts.run(
        'record',
        [this.#keys.lane(room, INBOX)],
        args,
      )) as RecordAnswer[];
      for (const [index, { resolve }] of asked.entries()) resolve(answers[index] ?? [-1]);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}

/** The script takes a lane once. Of two steps of one lane the second goes in the script that follows. */
function apart(asked: readonly Asked[]): Asked[][] {
  const scripts: { readonly lanes: Set<string>; readonly asked: Asked[] }[] = [];
  for (const one of asked) {
    const { lane } = one.step.claim;
    let script = scripts.find(({ lanes }) => !lanes.has(lane));
    if (script === undefined) {
      script = { lanes: new Set(), asked: [] };
      scripts.push(script);
    }
    script.lanes.add(lane);
    script.asked.push(one);
  }
  return scripts.map((script) => script.asked);
}
