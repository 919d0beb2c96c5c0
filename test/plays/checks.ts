import { check, type Found } from '../house/command.ts';
import type { House } from '../house/house.ts';
import { type HouseSettings, withSettings } from '../house/settings-file.ts';

export const ofLevel = (found: readonly Found[], level: Found['level']): Found[] =>
  found.filter((one) => one.level === level);

/** The own settings of a network. */
export const settingsIn = (settings: HouseSettings, id: string): Record<string, unknown> =>
  settings.networks.find((network) => network.id === id)?.settings ?? {};

/** The link of that network goes to another channel. */
export const linked =
  (network: string, channel: string) =>
  ({ rooms }: HouseSettings): void => {
    const links = (rooms[0]?.links ?? []) as { network: string; channel: string }[];
    for (const link of links) if (link.network === network) link.channel = channel;
  };

/** What `brygga check --online` says of the house with `change` made to its settings. */
export async function checkedWith(
  house: House,
  name: string,
  change: (settings: HouseSettings) => void,
): Promise<{ readonly code: number | null; readonly found: readonly Found[] }> {
  const { code, found } = await check(withSettings(house, `${name}.yaml`, change), '--online');
  return { code, found };
}
