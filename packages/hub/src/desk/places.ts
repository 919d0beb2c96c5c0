import type { LinkId, NetworkId, RoomId } from '@brygga/event';
import { linkIdOf, organisationNames } from '../rooms.ts';
import type { LinkSettings, Settings } from '../settings/schema.ts';

/** A link as an operator knows it. `organisation`: its name. */
export interface DeskLink {
  readonly id: LinkId;
  readonly network: NetworkId;
  readonly organisation: string;
  readonly mode: LinkSettings['mode'];
}

export interface DeskRoom {
  readonly id: RoomId;
  readonly links: readonly DeskLink[];
}

/** The rooms of the settings with their links. */
export function deskRooms(settings: Settings): readonly DeskRoom[] {
  const owners = organisationNames(settings);
  return settings.rooms.map(({ id, links }) => ({
    id,
    links: links.map((link) => ({
      id: linkIdOf(link),
      network: link.network,
      organisation: owners.get(link.network) ?? link.network,
      mode: link.mode,
    })),
  }));
}

/** Cuts a list into pieces of at most `most`, where each item weighs at least 1. One that weighs more goes alone. */
export function pieces<Item>(
  items: readonly Item[],
  most: number,
  weight: (item: Item) => number = () => 1,
): readonly (readonly Item[])[] {
  const all: Item[][] = [];
  let heavy = most;
  for (const item of items) {
    if (heavy + weight(item) > most) {
      all.push([]);
      heavy = 0;
    }
    all.at(-1)?.push(item);
    heavy += weight(item);
  }
  return all;
}
