import type { Event } from '@brygga/event';
import { describe, expect, it } from 'vitest';
import { incoming, newEventId, ROOM, sealKey, sealOf } from '../test/house.ts';
import { Items } from './items.ts';
import { Recall } from './recall.ts';

const eventOf = (text: string, at = 7): Event => ({
  ...incoming('m1', { text }),
  id: newEventId(),
  acceptedAt: at,
});
const items = new Items(sealOf([]));
/** As `accept` writes it. */
const bare = (event: Event): string => JSON.stringify(event);

describe('what was put into an outbox here', () => {
  it('is the same event when it is read', () => {
    const recall = new Recall(items.readOutbox);
    const event = eventOf('hello');
    recall.put(event);
    expect(recall.read(ROOM, bare(event)).event).toBe(event);
    expect(recall.read(ROOM, bare(event))).toEqual({ event, lost: [], hub: false });
  });

  it('is read from its text when it was changed on the way', () => {
    const recall = new Recall(items.readOutbox);
    const event = eventOf('hello');
    recall.put(event);
    const item = { event: { ...event, plain: 'changed' } as Event, lost: ['edit' as const], hub: false };
    expect(recall.read(ROOM, items.writeOutbox(ROOM, item))).toEqual(item);
    const later = { ...event, acceptedAt: 8 };
    expect(recall.read(ROOM, bare(later))).toEqual({ event: later, lost: [], hub: false });
  });

  it('is not mistaken for what somebody wrote', () => {
    const recall = new Recall(items.readOutbox);
    const event = eventOf('hello');
    recall.put(event);
    const forged = eventOf(`","id":"${event.id}","acceptedAt":7}`);
    expect(recall.read(ROOM, bare(forged))).toEqual({ event: forged, lost: [], hub: false });
  });

  it('is forgotten in time, and what is large at once', () => {
    const recall = new Recall(items.readOutbox);
    const [first, long] = [eventOf('first'), eventOf('x'.repeat(10_000))];
    const file = { name: 'f', mediaType: 'text/plain', bytes: 1, source: 's' };
    const withFile = { ...eventOf('see'), attachments: [file] } as Event;
    recall.put(long);
    recall.put(withFile);
    expect(recall.read(ROOM, bare(withFile)).event).not.toBe(withFile);
    recall.put(first);
    for (let count = 0; count < 10_000; count++) recall.put(eventOf('later'));
    for (const event of [first, long]) {
      const item = recall.read(ROOM, bare(event));
      expect(item.event).not.toBe(event);
      expect(item).toEqual({ event, lost: [], hub: false });
    }
  });

  it('is the same event when it lies there sealed, without being opened; under another date it is opened', () => {
    const sealed = new Items(sealOf([sealKey('k1')]));
    const recall = new Recall(sealed.readOutbox);
    const event = eventOf('hello');
    const { acceptedAt, ...accepted } = event;
    const text = `${sealed.writeAccepted(ROOM, event.id, accepted as never, null)} `;
    recall.put(event);
    expect(recall.read(ROOM, text + acceptedAt).event).toBe(event);
    const later = recall.read(ROOM, `${text}8`);
    expect(later).toEqual({ event: { ...event, acceptedAt: 8 }, lost: [], hub: false });
    const item = { event: { ...event, plain: 'changed' } as Event, lost: ['edit' as const], hub: false };
    expect(recall.read(ROOM, sealed.writeOutbox(ROOM, item))).toEqual(item);
  });
});
