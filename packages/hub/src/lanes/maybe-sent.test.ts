import { eventId, linkId, roomId } from '@brygga/event';
import { ManualClock } from '@brygga/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { MaybeSent } from './maybe-sent.ts';

const link = { room: roomId('r'), id: linkId('a') };
const other = { ...link, room: roomId('q') };
const [one, two] = [eventId('1'), eventId('2')];

let clock: ManualClock;
let maybeSent: MaybeSent;
beforeEach(() => {
  clock = new ManualClock();
  maybeSent = new MaybeSent({ clock, doubtMs: 1000 });
});

describe('a doubt whether something was sent', () => {
  it('is over after its time, and of one link alone', async () => {
    expect(maybeSent.until(link)).toBeNull();
    const end = clock.now() + 1000;
    maybeSent.begins(link);
    expect([maybeSent.until(link), maybeSent.until(other)]).toEqual([end, null]);
    await clock.advance(400);
    expect(maybeSent.until(link)).toBe(end);
    await clock.advance(600);
    expect(maybeSent.until(link)).toBeNull();
  });

  it('begins once over one delivery, however often that is tried, and anew over the next', async () => {
    maybeSent.begins(link, one);
    await clock.advance(1000);
    maybeSent.begins(link, one);
    expect(maybeSent.until(link)).toBeNull();
    maybeSent.begins(link, two);
    expect(maybeSent.until(link)).toBe(clock.now() + 1000);
  });

  it('begins anew over the whole lane each time', async () => {
    maybeSent.begins(link);
    await clock.advance(600);
    maybeSent.begins(link);
    await clock.advance(600);
    expect(maybeSent.until(link)).not.toBeNull();
  });
});
