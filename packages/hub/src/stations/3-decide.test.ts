import type { InboxItem, Plan } from '@brygga/bus';
import type { Manifest } from '@brygga/contract';
import { channelId, type Event, eventId, type LinkId, linkId, roomId } from '@brygga/event';
import { checkedLog, type LogLine, ManualClock } from '@brygga/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeNetwork, manifest } from '../../test/fake-network.ts';
import { Metrics } from '../metrics.ts';
import { Personas } from '../personas.ts';
import { type Link, type Room, Rooms } from '../rooms.ts';
import { Undelivered } from '../undelivered.ts';
import { type DecideParts, DecideStation } from './3-decide.ts';

const network = new FakeNetwork('a');

const link = (id: string, made: Manifest): Link => ({
  id: linkId(id),
  room: roomId('r'),
  network: new FakeNetwork(id).id,
  channel: channelId('c'),
  mode: 'active',
  deliverWithinMs: 1000,
  manifest: made,
  organisation: id,
  language: 'en',
  timeZone: 'Europe/Stockholm',
});
function roomWith(made: Manifest): Room {
  const links = [link('a', manifest()), link('b', made)];
  const policy = { massMentions: false, membership: true, topic: true, language: 'en', links } as const;
  return { id: roomId('r'), name: 'R', typing: true, announce: false, otherHubs: 'yield', links, policy };
}

let logged: readonly LogLine[];
let metrics: Metrics;
let cut: Map<LinkId, 'otherHub' | 'linkedTwice'>;
beforeEach(() => {
  cut = new Map();
  metrics = new Metrics(false);
});

/** Nothing here refers to an earlier message, so Redis is not asked. */
const bus = {} as DecideParts['bus'];

function station(room: Room): DecideStation {
  const { log, lines } = checkedLog([]);
  logged = lines;
  const clock = new ManualClock();
  const [rooms, here] = [new Rooms([room]), () => true];
  const voice = {
    clock,
    newEventId: () => eventId('n'),
    hub: 'hub',
  } as const;
  const undelivered = new Undelivered({ ...voice, rooms, here });
  const personas = new Personas(new Map([[network.id, 'Agency A']]));
  const aside = { asideMs: 1000, asideMax: 10 };
  const parts = { bus, clock, hub: 'hub', ...aside, personas, metrics, log, undelivered, here };
  const { signal: stop } = new AbortController();
  return new DecideStation({
    ...parts,
    otherHubs: { cut: () => cut },
    maybeSent: { until: () => null },
    stop,
  });
}

async function decided(room: Room, items: readonly InboxItem[]): Promise<Plan> {
  const plan = await station(room).decide(room, items);
  if (plan === null) throw new Error('nothing is decided');
  return plan;
}

let number = 0;
function item(event: object): InboxItem {
  number += 1;
  const accepted: Event = { ...network.incoming({}, event), id: eventId(`e${number}`), acceptedAt: number };
  return { event: accepted, until: null };
}
const said = (more: object = {}): InboxItem =>
  item({ kind: 'message', plain: 'words', body: { type: 'root', children: [] }, ...more });
const renamed = (before: string): InboxItem =>
  item({
    kind: 'membership',
    change: 'rename',
    subject: { nativeId: 'ada@a', displayName: 'Adele' },
    before,
  });

describe('a link that is cut', () => {
  const room = roomWith(manifest());
  const three: Room = {
    ...room,
    links: [...room.links, link('c', manifest())],
    policy: { ...room.policy, links: [...room.links, link('c', manifest())] },
  };
  const dropped = async (): Promise<string> => {
    const { values } = await metrics.dropped.get();
    return values.map(({ labels, value }) => `${labels.reason} ${value}`).join();
  };

  it('gets nothing, and the others get theirs', async () => {
    cut = new Map([[linkId('c'), 'otherHub']]);
    const { links, consumed } = await decided(three, [said()]);
    expect(links.map(({ link: id }) => id)).toEqual(['b']);
    expect(consumed).toHaveLength(1);
    expect(await dropped()).toBe('');
  });

  it('gives nothing: what is written there is dropped under a reason of its own', async () => {
    cut = new Map([[linkId('a'), 'linkedTwice']]);
    const { links, consumed } = await decided(three, [said()]);
    expect([links, consumed.length]).toEqual([[], 1]);
    expect(await dropped()).toBe('linkedTwice 1');
  });

  it('leaves the last one with nobody to carry to', async () => {
    cut = new Map([[linkId('b'), 'otherHub']]);
    const { links, consumed } = await decided(room, [said()]);
    expect([links, consumed.length]).toEqual([[], 1]);
    expect(await dropped()).toBe('otherHub 1');
  });
});

describe('station 3', () => {
  it('shares one item between the links that get the very same', async () => {
    const room = roomWith(manifest());
    const three = { ...room, links: [...room.links, link('c', manifest())] };
    const { links } = await decided({ ...three, policy: { ...room.policy, links: three.links } }, [said()]);
    expect(links.map(({ link: id }) => id)).toEqual(['b', 'c']);
    expect(links[0]?.items[0]).toBe(links[1]?.items[0]);
  });

  it('says earlier names as carefully as present ones', async () => {
    const room = roomWith(manifest({ membership: 'fallback' }));
    const { links } = await decided(room, [renamed('Anna (Agency B)\u202e')]);
    expect(links[0]?.items[0]).toMatchObject({
      hub: true,
      event: { plain: 'Anna Agency B (Agency A) is now called Adele (Agency A)' },
    });
  });

  it('drops what came from a channel that is not in the room any more', async () => {
    const room = roomWith(manifest());
    const elsewhere = said();
    const origin = { ...elsewhere.event.origin, channel: channelId('gone') };
    const plan = await decided(room, [{ ...elsewhere, event: { ...elsewhere.event, origin } }, said()]);
    expect(plan).toMatchObject({ consumed: [{}, {}], links: [{ link: 'b', items: [{}] }] });
    expect(logged[0]?.fields).toMatchObject({ reason: 'unlinked' });
  });

  it('tells who wrote what a link refuses', async () => {
    const room = roomWith(manifest({ message: 'refused' }));
    const { links } = await decided(room, [said(), said()]);
    expect(links).toMatchObject([
      { link: 'a', items: [{ hub: true, event: { plain: expect.stringMatching(/not delivered to b\./) } }] },
    ]);
    expect(links[0]?.items).toHaveLength(1);
  });

  describe('with a defect in what decides', () => {
    /** A manifest that lacks what every manifest has. */
    const broken = (...features: ('emote' | 'message')[]): Manifest => {
      const made = manifest();
      const left = Object.entries(made.features).filter(([name]) => !features.some((one) => one === name));
      return { ...made, features: Object.fromEntries(left) as Manifest['features'] };
    };

    it('the words go on alone, and the room is not held up', async () => {
      const room = roomWith(broken('emote'));
      const { links, consumed } = await decided(room, [said({ style: 'emote' }), said()]);
      expect(consumed).toHaveLength(2);
      expect(links[0]?.items.map(({ event }) => event)).toMatchObject([
        { style: 'text', plain: 'words', body: { children: [{ type: 'paragraph' }] } },
        { plain: 'words' },
      ]);
      expect(logged).toMatchObject([{ level: 'error', code: 'event.fault' }]);
    });

    it('what cannot be said even so is dropped, with a mark in log and metrics', async () => {
      const room = roomWith(broken('message'));
      expect(await decided(room, [said()])).toMatchObject({ consumed: [{}], links: [] });
      expect(logged.map(({ code }) => code)).toEqual(['event.fault', 'event.fault', 'event.not-admitted']);
    });
  });
});
