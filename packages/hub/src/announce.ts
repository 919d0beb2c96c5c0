import type { Bus } from '@brygga/bus';
import { WORDS } from '@brygga/policy';
import type { Link, Room, Rooms } from './rooms.ts';
import { hubSays, type VoiceParts } from './voice.ts';

interface AnnounceParts extends VoiceParts {
  readonly bus: Bus;
}

/** When a link opens, its channel is told once who takes part, from which systems, and that it is bridged. */
export async function announceLinks(parts: AnnounceParts, rooms: Rooms): Promise<void> {
  await rooms.eachLink(async (link) => {
    const room = rooms.get(link.room);
    if (room?.announce === true) await announce(parts, room, link);
  });
}

async function announce(parts: AnnounceParts, room: Room, link: Link): Promise<void> {
  const members = room.links.map((member) => `${member.organisation} (${member.manifest.title})`);
  const notice = hubSays(parts, link, WORDS[link.language].opened(members));
  await parts.bus.tell(room.id, link.id, false, notice, `opened:${link.id}`);
}
