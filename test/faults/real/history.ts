import { systemClock } from '@brygga/contract';
import { type Run, waitFor } from '@brygga/testkit';
import type { Act } from '../acts.ts';
import { Broken } from '../history.ts';
import type { Fault, Strikes } from '../strikes.ts';
import type { RealRoom } from './room.ts';
import type { RealStage } from './stage.ts';

/** A stream that has fallen silent is given up after a minute and a half, and what it carried asked for after that. */
const SETTLED_MS = 180_000;
const LOOK_MS = 100;
/** Longer than all that a history waits for by itself. */
const HISTORY_MS = 900_000;

const [anna, bosse] = [0, 1].map((link) => ({ room: 0, link })) as [Act['at'], Act['at']];

/** A conversation with one of each kind of operation from either side. */
export const TALK: readonly Act[] = [
  { do: 'say', at: anna, word: 'w1' },
  { do: 'say', at: bosse, word: 'w2' },
  { do: 'say', at: bosse, word: 'w3', replyTo: 'w1' },
  { do: 'say', at: anna, word: 'w4', replyTo: 'w2' },
  { do: 'edit', at: anna, word: 'w1', text: 'changed' },
  { do: 'edit', at: bosse, word: 'w2', text: 'changed' },
  { do: 'react', at: bosse, word: 'w4', emoji: '👍', on: true },
  { do: 'react', at: anna, word: 'w3', emoji: '🎉', on: true },
  { do: 'say', at: anna, word: 'w5' },
  { do: 'say', at: bosse, word: 'w6' },
  // What is removed before the other side has it need never come there, and its removal is waited out.
  { do: 'react', at: bosse, word: 'w5', emoji: '👍', on: true },
  { do: 'react', at: anna, word: 'w6', emoji: '👍', on: true },
  { do: 'remove', at: anna, word: 'w5' },
  { do: 'remove', at: bosse, word: 'w6' },
  { do: 'say', at: anna, word: 'w7' },
  { do: 'say', at: bosse, word: 'w8' },
];

/** A history in the next room of the stage: played, then judged by what both servers have. @throws Broken */
export async function inNextRoom<T>(
  stage: RealStage,
  play: (room: RealRoom, strikes: Strikes) => Promise<T>,
): Promise<T> {
  const { room, strikes } = stage.next();
  const over = new AbortController();
  room.begin();
  const whole = async (): Promise<T> => {
    const result = await play(room, strikes);
    await settled(room, () => strikes.struck);
    return result;
  };
  try {
    return await Promise.race([whole(), endless(over.signal)]);
  } catch (error) {
    // What is wrong in it would be found again and again.
    stage.leave(room);
    throw error;
  } finally {
    over.abort();
  }
}

/** A server that answers nobody must not hold the runner. Rejects unless the history is over by then. */
async function endless(over: AbortSignal): Promise<never> {
  await systemClock.sleep(HISTORY_MS, over);
  throw new Broken(`not over after ${HISTORY_MS / 1000} s`);
}

/** Waits until all is as it must be. @throws Broken when it does not come to that */
async function settled(room: RealRoom, hurt: () => boolean): Promise<void> {
  let wrong: readonly string[] = [];
  const whole = async (): Promise<boolean> => {
    wrong = await room.complaints(hurt());
    return wrong.length === 0;
  };
  try {
    await waitFor(whole, { withinMs: SETTLED_MS, everyMs: LOOK_MS });
  } catch (error) {
    const cause = wrong.length === 0 && error instanceof Error ? [String(error.cause)] : wrong;
    throw new Broken(`after ${SETTLED_MS / 1000} s:\n${cause.join('\n')}`);
  }
}

/** The conversation with one fault at the n-th step of its kind; whether it came to that. @throws Broken */
export function talkWith(stage: RealStage, fault: Fault, n: number): Promise<Run> {
  return inNextRoom(stage, async (room, strikes) => {
    const strike = strikes.arm(fault, n);
    for (const act of TALK) await room.perform(act);
    return strike;
  });
}
