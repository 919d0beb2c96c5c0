import type { Bus } from '@brygga/bus';
import { WORDS } from '@brygga/policy';
import type { Room, Rooms } from './rooms.ts';
import { hubSays, type VoiceParts } from './undelivered.ts';

interface AnnounceParts extends VoiceParts {
  readonly bus: Bus;
}

/** When a link opens, its channel is told once who takes part, from which systems, and that it is bridged. */
export async function announceLinks(parts: AnnounceParts, rooms: Rooms): Promise<void> {
  for (const room of rooms.all) if (room.announce) await announce(parts, room);
}

async function announce(parts: AnnounceParts, room: Room): Promise<void> {
  const said = WORDS[parts.language].opened(
    room.links.map((link) => `${link.organisation} (${link.manifest.title})`),
  );
  for (const link of room.links) {
    if (!(await parts.bus.once(room.id, `opened:${link.id}`, said))) continue;
    await parts.bus.tell(room.id, link.id, false, hubSays(parts, link, said));
  }
}
