import type { CheckContext, Finding } from '@brygga/contract';
import type { TincanSettings } from './settings.ts';
import { TincanError } from './world/types.ts';
import type { TincanWorld } from './world/world.ts';

/** Whether the network can be reached with these settings, and whether the channels are there. */
export async function check(world: TincanWorld, ctx: CheckContext<TincanSettings>): Promise<Finding[]> {
  const { settings, channels } = ctx;
  if (!world.has(settings.world)) {
    return [
      {
        level: 'fail',
        what: `There is no network "${settings.world}" in this world.`,
        remedy: 'Set `world` to the name of a network that was founded.',
      },
    ];
  }
  const network = world.network(settings.world);
  const reached = await reach(() =>
    network.connect(settings.password, {
      changed: () => undefined,
      signalled: () => undefined,
      broken: () => undefined,
    }),
  );
  if (reached !== null) return [reached];
  const absent = channels.filter((channel) => !network.hasChannel(channel));
  return [
    { level: 'ok', what: 'The network takes the password.' },
    ...absent.map(
      (channel): Finding => ({
        level: 'fail',
        what: `There is no channel "${channel}".`,
        remedy: 'Open the channel in the network, or correct its name in the settings.',
      }),
    ),
  ];
}

async function reach(connect: () => Promise<{ close(): void }>): Promise<Finding | null> {
  try {
    (await connect()).close();
    return null;
  } catch (error) {
    const password = error instanceof TincanError && error.trouble === 'password';
    return password
      ? {
          level: 'fail',
          what: 'The network refuses the password.',
          remedy: 'Correct `password` in the settings.',
        }
      : { level: 'fail', what: 'The network cannot be reached.', remedy: 'Start its server.' };
  }
}
