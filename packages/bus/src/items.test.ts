import { roomId, UnknownEventVersion } from '@brygga/event';
import { describe, expect, it } from 'vitest';
import { incoming, newEventId, ROOM, sealKey, sealOf } from '../test/house.ts';
import { Items, isOf, readAll, readSome } from './items.ts';
import { Unreadable } from './seal.ts';

const event = { ...incoming('m1', { text: '@12 {"x": 1} \ud83d\ude00' }), id: newEventId(), acceptedAt: 7 };

const items = new Items(sealOf([]));

describe('items of lanes', () => {
  it('an inbox item is the bare event, or one with the time until which it waits', () => {
    expect(items.readInbox(ROOM, JSON.stringify(event))).toEqual({ event, until: null });
    expect(items.readInbox(ROOM, items.writeAside(ROOM, { event, until: 1_800_000_000_123 }))).toEqual({
      event,
      until: 1_800_000_000_123,
    });
  });

  it('an outbox item comes back as it was written; a bare event goes as it is', () => {
    const item = { event, lost: ['edit' as const], hub: true };
    expect(items.readOutbox(ROOM, items.writeOutbox(ROOM, item))).toEqual(item);
    expect(items.readOutbox(ROOM, JSON.stringify(event))).toEqual({ event, lost: [], hub: false });
  });

  it('an event of a version this house does not know is refused', () => {
    const newer = JSON.stringify({ ...event, v: 2 });
    expect(() => items.readInbox(ROOM, newer)).toThrow(UnknownEventVersion);
    expect(() => items.readOutbox(ROOM, `{"event":${newer},"lost":[],"hub":false}`)).toThrow(
      UnknownEventVersion,
    );
  });
});

describe('sealed items of lanes', () => {
  const key = sealKey('k1');
  const sealed = new Items(sealOf([key]));
  const outboxItem = { event, lost: ['edit' as const], hub: true };
  const accepted = (date: number | string, until: number | null = null): string =>
    `${sealed.writeAccepted(ROOM, event.id, incoming('m1', { text: '@12 {"x": 1} \ud83d\ude00' }), until)} ${date}`;

  it('come back as they were written, beside others that are not sealed', () => {
    expect(sealed.readInbox(ROOM, accepted(7))).toEqual({ event, until: null });
    expect(sealed.readInbox(ROOM, accepted(7, 1_800_000_000_123))).toEqual({
      event,
      until: 1_800_000_000_123,
    });
    expect(sealed.readOutbox(ROOM, accepted(7))).toEqual({ event, lost: [], hub: false });
    const aside = { event, until: 1_800_000_000_123 };
    expect(sealed.readInbox(ROOM, sealed.writeAside(ROOM, aside))).toEqual(aside);
    expect(sealed.readOutbox(ROOM, sealed.writeOutbox(ROOM, outboxItem))).toEqual(outboxItem);
    expect(sealed.readInbox(ROOM, JSON.stringify(event))).toEqual({ event, until: null });
    expect(sealed.readOutbox(ROOM, items.writeOutbox(ROOM, outboxItem))).toEqual(outboxItem);
  });

  it('show the id of their event, and no more', () => {
    const all = [
      accepted(7),
      sealed.writeAside(ROOM, { event, until: 9 }),
      sealed.writeOutbox(ROOM, outboxItem),
    ];
    for (const text of all) {
      expect(text).toMatch(/^![\da-f-]{36} k1\.[\w-]+(?: \d+)?$/);
      expect(text.split(' ')[0]).toBe(`!${event.id}`);
      expect(isOf(text, event.id)).toBe(true);
      expect(isOf(text, newEventId())).toBe(false);
    }
  });

  it('do not open in another room, under the name of another event, or with a date that is none', () => {
    const text = accepted(7);
    const wrong = [
      text.replace(event.id, newEventId()),
      accepted('7,"plain":"forged"'),
      accepted(''),
      accepted('99999999999999999'),
      `!019f0000${text.slice(9)}`, // made long after it was accepted
    ];
    for (const one of wrong) expect(() => sealed.readInbox(ROOM, one)).toThrow(Unreadable);
    expect(() => sealed.readInbox(roomId('r2'), text)).toThrow(Unreadable);
    expect(() => items.readInbox(ROOM, text)).toThrow('KEY_UNKNOWN k1');
  });

  it('are read up to the first that cannot be', () => {
    const foreign = new Items(sealOf([sealKey('k2')])).writeAside(ROOM, { event, until: 9 });
    const texts = [accepted(7), JSON.stringify(event), foreign, accepted(8)];
    expect(readAll(ROOM, texts, sealed.readInbox)).toHaveLength(2);
    expect(readSome(ROOM, texts, sealed.readInbox)).toHaveLength(2);
    expect(readAll(ROOM, texts.slice(2), sealed.readInbox)).toEqual([]);
    expect(() => readSome(ROOM, texts.slice(2), sealed.readInbox)).toThrow('KEY_UNKNOWN k2');
    expect(() => readSome(ROOM, ['{"v":9}'], sealed.readInbox)).toThrow('NOT_READABLE');
    expect(() => readSome(ROOM, ['tea'], sealed.readInbox)).toThrow('NOT_READABLE');
    expect(readSome(ROOM, [], sealed.readInbox)).toEqual([]);
  });
});
