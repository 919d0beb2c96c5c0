import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '@brygga/contract';
import type { EventId, LinkId } from '@brygga/event';

/** UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, 74 random bits. */
export function eventIds(clock: Clock, random: (bytes: number) => Buffer = randomBytes): () => EventId {
  let pool: Buffer = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at + 10 > pool.length) {
      pool = random(10 * 256);
      at = 0;
    }
    const time = clock.now().toString(16).padStart(12, '0');
    const hex = pool.toString('hex', at, at + 10);
    at += 10;
    const variant = ((Number.parseInt(hex.slice(3, 4), 16) & 0x3) | 0x8).toString(16);
    const tail = `${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`;
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${tail}` as EventId;
  };
}

/**
 * The delivery key: the same for every try of an event on a link, another for every other. `beside`: of the message
 * that goes out beside the event itself.
 */
export const deliveryKey = (event: EventId, link: LinkId, beside = false): string =>
  hash('sha256', beside ? `${event} ${link} beside` : `${event} ${link}`, 'base64url');
