import { EventId, eventId, linkId } from '@brygga/event';
import { ManualClock } from '@brygga/testkit';
import { describe, expect, it } from 'vitest';
import { deliveryKey, eventIds } from './ids.ts';

describe('event ids', () => {
  it('are UUIDs of version 7 that begin with their time', async () => {
    const clock = new ManualClock(0x0190163d8694);
    const next = eventIds(clock);
    const id = next();
    expect(EventId.safeParse(id).success).toBe(true);
    expect(id.startsWith('0190163d-8694-7')).toBe(true);
    await clock.advance(1);
    expect(next() > id).toBe(true);
  });

  it('never repeat', () => {
    const next = eventIds(new ManualClock());
    expect(new Set(Array.from({ length: 2000 }, next)).size).toBe(2000);
  });

  it('keep version and variant whatever chance gives', () => {
    for (const byte of [0x00, 0xff, 0x5a]) {
      const id = eventIds(new ManualClock(), (bytes) => Buffer.alloc(bytes, byte))();
      expect(EventId.safeParse(id).success).toBe(true);
    }
  });
});

describe('delivery keys', () => {
  it('are the same for every try and others for every other, at most 64 safe letters', () => {
    const id = eventId('0190163d-8694-739b-aea5-966c26f8ad91');
    const key = deliveryKey(id, linkId('b'));
    expect(deliveryKey(id, linkId('b'))).toBe(key);
    expect(deliveryKey(id, linkId('c'))).not.toBe(key);
    expect(deliveryKey(id, linkId('b'), true)).not.toBe(key);
    expect(key).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });
});
