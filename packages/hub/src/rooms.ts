import type { Language, Manifest } from '@brygga/contract';
import type { ChannelId, LinkId, NetworkId, RoomId } from '@brygga/event';
import type { PolicyRoom } from '@brygga/policy';
import type { LinkSettings, RoomSettings, Settings } from './settings/schema.ts';

export interface Link {
  readonly id: LinkId;
  readonly room: RoomId;
  readonly network: NetworkId;
  readonly channel: ChannelId;
  readonly mode: LinkSettings['mode'];
  readonly deliverWithinMs: number;
  readonly manifest: Manifest;
  readonly organisation: string;
  /** In which language, and by which clock, is said there what people did not say themselves. */
  readonly language: Language;
  readonly timeZone: string;
}

export interface Room {
  readonly id: RoomId;
  readonly name: string;
  readonly typing: boolean;
  readonly announce: boolean;
  readonly otherHubs: RoomSettings['otherHubs'];
  readonly links: readonly Link[];
  readonly policy: PolicyRoom;
}

/** Links that something is done for in one pipeline. */
const AT_ONCE = 500;
const HOUR_MS = 3_600_000;
const channelKey = (network: NetworkId, channel: ChannelId): string => `${network} ${channel}`;

/** Which channel belongs to which room, and which links a room has. */
export class Rooms {
  readonly all: readonly Room[];
  readonly #rooms: ReadonlyMap<RoomId, Room>;
  readonly #channels = new Map<string, { readonly room: Room; readonly link: Link }>();

  constructor(rooms: readonly Room[]) {
    this.all = rooms;
    this.#rooms = new Map(rooms.map((room) => [room.id, room]));
    for (const room of rooms) {
      for (const link of room.links)
        this.#channels.set(channelKey(link.network, link.channel), { room, link });
    }
  }

  get(room: RoomId): Room | undefined {
    return this.#rooms.get(room);
  }

  byChannel(
    network: NetworkId,
    channel: ChannelId,
  ): { readonly room: Room; readonly link: Link } | undefined {
    return this.#channels.get(channelKey(network, channel));
  }

  /** Does something for every link of every room, many at once. */
  async eachLink(run: (link: Link) => Promise<unknown>): Promise<void> {
    const links = this.all.flatMap((room) => room.links);
    while (links.length > 0) await Promise.all(links.splice(0, AT_ONCE).map(run));
  }

  linksOf(network: NetworkId): readonly Link[] {
    return this.all.flatMap((room) => room.links.filter((link) => link.network === network));
  }
}

/** A link without an id of its own is called like its network. */
export const linkIdOf = ({ id, network }: Pick<LinkSettings, 'id' | 'network'>): LinkId =>
  id ?? (network as string as LinkId);

/** The name of the organisation that owns each network. */
export function organisationNames(settings: Settings): ReadonlyMap<NetworkId, string> {
  const names = new Map(settings.organisations.map(({ id, name }) => [id, name]));
  return new Map(
    settings.networks.map(({ id, organisation }) => [id, names.get(organisation) ?? organisation]),
  );
}

/** Builds the rooms of the settings. `manifests`: of each network. */
export function roomsOf(settings: Settings, manifests: ReadonlyMap<NetworkId, Manifest>): Rooms {
  const owners = organisationNames(settings);
  return new Rooms(settings.rooms.map((room) => roomOf(room, settings.hub, manifests, owners)));
}

function roomOf(
  room: RoomSettings,
  hub: Settings['hub'],
  manifests: ReadonlyMap<NetworkId, Manifest>,
  owners: ReadonlyMap<NetworkId, string>,
): Room {
  const { language = hub.language, timeZone = hub.timeZone } = room;
  const links = room.links.flatMap((link): Link[] => {
    const manifest = manifests.get(link.network);
    if (manifest === undefined) return [];
    const id = linkIdOf(link);
    const { network, channel, mode } = link;
    const organisation = owners.get(network) ?? network;
    return [
      {
        id,
        room: room.id,
        network,
        channel,
        mode,
        deliverWithinMs: link.deliverWithinHours * HOUR_MS,
        manifest,
        organisation,
        language,
        timeZone,
      },
    ];
  });
  const { id, name, typing, announce, otherHubs, massMentions, membership, topic } = room;
  const policy = { massMentions, membership, topic, language, links };
  return { id, name, typing, announce, otherHubs, links, policy };
}
