import type { OutboxItem } from '@brygga/bus';
import type { Language } from '@brygga/contract';
import {
  channelId,
  type Event,
  eventId,
  linkId,
  type NetworkId,
  nativeId,
  networkId,
  roomId,
} from '@brygga/event';
import { ManualClock } from '@brygga/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeNetwork, manifest } from '../test/fake-network.ts';
import { type Link, Rooms } from './rooms.ts';
import { Undelivered } from './undelivered.ts';
import { hubSays, hubTells } from './voice.ts';

const link = (id: string): Link => ({
  id: linkId(id),
  room: roomId('r'),
  network: networkId(id),
  channel: channelId('c'),
  mode: 'active',
  deliverWithinMs: 1000,
  manifest: manifest(),
  organisation: `Agency ${id.toUpperCase()}`,
  language: 'en',
  timeZone: 'Europe/Stockholm',
});
const [a, b, c] = [link('a'), link('b'), link('c')];

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});

const voice = () => ({ clock, newEventId: () => eventId('e1'), hub: 'hub' });

function undelivered(language: Language = 'en', here = (id: NetworkId): boolean => id === 'a') {
  const links = [a, b, c].map((one) => ({ ...one, language }));
  const policy = { massMentions: false, membership: true, topic: true, language, links } as const;
  const rooms = new Rooms([
    { id: roomId('r'), name: 'R', typing: true, announce: true, otherHubs: 'yield', links, policy },
  ]);
  return new Undelivered({ ...voice(), rooms, here });
}

const from = (network: string): Event => ({
  ...new FakeNetwork(network).incoming(
    {},
    { kind: 'message', plain: 'x', body: { type: 'root', children: [] } },
  ),
  id: eventId('e0'),
  acceptedAt: 1,
});
const item = (network = 'a', hub = false): OutboxItem => ({ event: from(network), lost: [], hub });
const words = (one: OutboxItem | undefined | null): string | null =>
  one?.event.kind === 'message' ? one.event.plain : null;

describe('word of what did not arrive', () => {
  it("goes to the channel it came from, in the hub's own voice", () => {
    const telling = undelivered().telling(b, item(), 'TOO_LARGE');
    expect(telling).toMatchObject({
      link: 'a',
      once: 'a:b:TOO_LARGE',
      here: true,
      items: [{ hub: true, status: 'failed', event: { kind: 'message', style: 'notice', hops: ['hub'] } }],
    });
    expect(words(telling?.items[0])).toBe(
      'A message was not delivered to Agency B. The message is too large for the other side.',
    );
    expect(undelivered('sv').telling(b, item(), 'TOO_LARGE')?.items).toMatchObject([
      { event: { plain: expect.stringMatching(/^Ett meddelande kunde inte levereras till Agency B\. /) } },
    ]);
  });

  it('is said also where there is no reason for people', () => {
    expect(words(undelivered().telling(b, item(), 'HUB_STOPPING')?.items[0])).toBe(
      'A message was not delivered to Agency B.',
    );
  });

  it("is nobody's when the hub spoke itself, or the origin is gone", () => {
    expect(undelivered().telling(b, item('a', true), 'TOO_LARGE')).toBeNull();
    expect(undelivered().telling(b, item('z'), 'TOO_LARGE')).toBeNull();
    expect(undelivered().telling(a, item('a'), 'TOO_LARGE')).toBeNull();
  });

  it('of origins on other processes is left to these', () => {
    expect(undelivered().telling(a, item('b'), 'TOO_LARGE')?.here).toBe(false);
  });
});

describe('word of a refusal', () => {
  it('comes once in a while, for each origin and link by itself', async () => {
    const telling = undelivered();
    const event = from('a');
    expect(words(telling.refusal(a, b, event)[0])).toMatch(
      /^A message was not delivered to Agency B\. .*kind of/,
    );
    expect(telling.refusal(a, b, event)).toEqual([]);
    expect(telling.refusal(a, c, event)).toHaveLength(1);
    expect(telling.refusal(b, c, event)).toHaveLength(1);
    await clock.advance(60_000);
    expect(telling.refusal(a, b, event)).toHaveLength(1);
  });

  it('is not for who came and went', () => {
    const join = new FakeNetwork('a').incoming(
      {},
      { kind: 'membership', change: 'join', subject: { nativeId: 'p', displayName: 'P' } },
    );
    expect(undelivered().refusal(a, b, { ...join, id: eventId('e'), acceptedAt: 1 })).toEqual([]);
  });
});

describe('what the hub says', () => {
  it("is a message of nobody's network", () => {
    const said = hubSays(voice(), b, 'words');
    expect(said).toMatchObject({
      hub: true,
      event: { origin: { network: 'b', nativeId: 'hub:e1' }, sender: { nativeId: 'hub', kind: 'bot' } },
    });
  });

  const about = { event: eventId('e0'), native: nativeId('n0') };
  const answer = { hub: true, event: { kind: 'message', replyTo: { event: 'e0', natives: ['n0'] } } };

  it('about a message stands at it where its network can show that', () => {
    const said = hubTells(voice(), a, 'words', about, 'late');
    expect(said).toMatchObject([{ ...answer, status: 'late', event: { thread: { event: 'e0' } } }]);
    expect(said).toHaveLength(1);
  });

  it('about a message is an answer and a reaction elsewhere, or an answer alone', () => {
    const without = { ...a, manifest: manifest({ messageStatus: 'fallback' }) };
    const sign = { hub: true, event: { kind: 'reaction', mode: 'set', target: { event: 'e0' } } };
    const signs = (status: 'late' | 'arrived' | 'failed') =>
      hubTells(voice(), without, 'words', about, status).map(({ event }) => 'emoji' in event && event.emoji);
    expect(hubTells(voice(), without, 'words', about, 'late')).toMatchObject([sign, answer]);
    expect(signs('late')).toEqual([['⏳'], false]);
    expect(signs('arrived')).toEqual([[], false]);
    expect(signs('failed')).toEqual([['⚠️'], false]);
    const speechless = { ...a, manifest: manifest({ messageStatus: 'fallback', reaction: 'fallback' }) };
    expect(hubTells(voice(), speechless, 'words', about, 'late')).toMatchObject([answer]);
  });
});
