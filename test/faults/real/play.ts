import { systemClock } from '@brygga/contract';
import { plotOf, type Trouble } from '../random.ts';
import type { Strikes } from '../strikes.ts';
import { inNextRoom } from './history.ts';
import type { RealStage } from './stage.ts';

/** Two links: one on either server. */
const PLOT = { rooms: 1, links: 2, acts: 40 };

/** Plays the history of that seed in the next room. @throws Broken when a promise was */
export function playOnReal(stage: RealStage, seed: number): Promise<void> {
  return inNextRoom(stage, async (room, strikes) => {
    const ends: Promise<void>[] = [];
    for (const step of plotOf(seed, PLOT).steps) {
      if ('do' in step) await room.perform(step);
      else ends.push(befall(stage, strikes, step));
    }
    await Promise.all(ends);
  });
}

/** Begins the trouble at once; resolves when it is over. No process has a date of its own, so that one does not jump. */
async function befall(stage: RealStage, strikes: Strikes, trouble: Trouble): Promise<void> {
  switch (trouble.trouble) {
    case 'strike':
      strikes.arm(trouble.fault, trouble.n);
      return;
    case 'networkDown':
    case 'hangUp':
      return interrupted(stage, trouble.link, trouble.trouble === 'hangUp' ? 0 : trouble.ms);
    case 'cutOff':
      stage.gate.cut();
      await systemClock.sleep(trouble.ms);
      return stage.gate.heal();
    case 'die':
      return stage.die();
    case 'freeze':
      return stage.standStill();
    case 'stop':
      return stage.stop();
    case 'redisDies':
      await stage.house.redis?.stop({ signal: 'SIGKILL' });
      return stage.house.redis?.start();
    case 'dateJumps':
  }
}

/** Every connection to that server breaks, and for so long nobody gets a new one. */
async function interrupted({ gates }: RealStage, link: number, ms: number): Promise<void> {
  const between = link === 0 ? [gates.requests, gates.pushes] : [gates.stanzas];
  for (const one of between) one.cut();
  await systemClock.sleep(ms);
  for (const one of between) one.mend();
}
