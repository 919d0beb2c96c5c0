import { systemClock } from '@brygga/contract';
import { dice } from '@brygga/testkit';
import { perform } from './acts.ts';
import { onStage, type RedisAt } from './history.ts';
import type { Plot, Trouble } from './random.ts';
import { networkName, type Stage } from './stage.ts';
import type { Strikes } from './strikes.ts';

const PAUSE_MS_MAX = 8;

/** Plays a plot to its end. @throws Broken when a promise was. `redisDies`: kills that Redis and starts it again. */
export async function play(redis: RedisAt, plot: Plot, redisDies: () => Promise<void>): Promise<void> {
  const chance = dice(plot.seed ^ 0x5eed);
  await onStage(redis, { ...plot, dice: chance }, async (stage, strikes) => {
    await stage.ready();
    const ends: Promise<void>[] = [];
    for (const step of plot.steps) {
      await systemClock.sleep(chance.below(PAUSE_MS_MAX));
      if ('do' in step) await perform(stage, step);
      else ends.push(befall(stage, strikes, step, redisDies));
    }
    await Promise.all(ends);
  });
}

/** Begins the trouble at once; resolves when it is over. */
async function befall(
  stage: Stage,
  strikes: Strikes,
  trouble: Trouble,
  redisDies: () => Promise<void>,
): Promise<void> {
  const [oldest] = stage.processes;
  switch (trouble.trouble) {
    case 'strike':
      strikes.arm(trouble.fault, trouble.n);
      return;
    case 'networkDown': {
      const network = stage.world.network(networkName(trouble.link));
      network.down();
      await systemClock.sleep(trouble.ms);
      network.up();
      return;
    }
    case 'hangUp':
      return stage.world.network(networkName(trouble.link)).hangUp();
    case 'cutOff':
      oldest?.gate.cut();
      await systemClock.sleep(trouble.ms);
      oldest?.gate.heal();
      return;
    case 'dateJumps':
      return oldest?.clock.jump(trouble.ms);
    case 'die':
      return oldest?.die();
    case 'freeze':
      return oldest?.standStill();
    case 'stop':
      return oldest?.stop();
    case 'redisDies':
      return redisDies();
  }
}
