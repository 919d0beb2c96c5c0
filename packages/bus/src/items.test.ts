import { UnknownEventVersion } from '@brygga/event';
import { describe, expect, it } from 'vitest';
import { incoming, newEventId } from '../test/house.ts';
import { readInbox, readOutbox, writeAside, writeOutbox } from './items.ts';

const event = { ...incoming('m1', { text: '@12 {"x": 1} \ud83d\ude00' }), id: newEventId(), acceptedAt: 7 };

describe('items of lanes', () => {
  it('an inbox item is the bare event, or one with the time until which it waits', () => {
    expect(readInbox(JSON.stringify(event))).toEqual({ event, until: null });
    expect(readInbox(writeAside(event, 1_800_000_000_123))).toEqual({ event, until: 1_800_000_000_123 });
  });

  it('an outbox item comes back as it was written; a bare event goes as it is', () => {
    const item = { event, lost: ['edit' as const], hub: true };
    expect(readOutbox(writeOutbox(item))).toEqual(item);
    expect(readOutbox(JSON.stringify(event))).toEqual({ event, lost: [], hub: false });
  });

  it('an event of a version this house does not know is refused', () => {
    const newer = JSON.stringify({ ...event, v: 2 });
    expect(() => readInbox(newer)).toThrow(UnknownEventVersion);
    expect(() => readOutbox(`{"event":${newer},"lost":[],"hub":false}`)).toThrow(UnknownEventVersion);
  });
});
