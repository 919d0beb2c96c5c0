import type { NewEvent } from '@brygga/bus';
import {
  type Body,
  channelId,
  eventId,
  type IncomingEvent,
  linkId,
  networkId,
  organisationId,
  roomId,
} from '@brygga/event';
import { checkedLog, type LogLine, ManualClock } from '@brygga/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeNetwork, manifest } from '../../test/fake-network.ts';
import { Metrics } from '../metrics.ts';
import { type Link, Rooms } from '../rooms.ts';
import { AcceptStation } from './1-accept.ts';

const network = new FakeNetwork('a');
const channel = channelId('c');
const link: Link = {
  id: linkId('a'),
  room: roomId('r'),
  network: network.id,
  channel,
  mode: 'active',
  deliverWithinMs: 1000,
  manifest: manifest(),
  organisation: 'A',
  language: 'en',
  timeZone: 'Europe/Stockholm',
};

let stored: NewEvent[];
let cursors: string[];
let problems: string[];
let doubtful: number | null;
let logged: readonly LogLine[];
let station: AcceptStation;
beforeEach(() => {
  stored = [];
  cursors = [];
  problems = [];
  doubtful = null;
  const { log, lines } = checkedLog(problems);
  logged = lines;
  let number = 0;
  const policy = {
    massMentions: false,
    membership: true,
    topic: true,
    language: 'en',
    links: [link],
  } as const;
  station = new AcceptStation({
    bus: {
      accept: async ({ cursor }, events) => {
        cursors.push(cursor);
        stored.push(...events);
        const fresh = events.map(({ id, event, until }) => ({
          event: { ...event, id, acceptedAt: 1 },
          until,
        }));
        return { fresh, before: 0, claim: null };
      },
    },
    rooms: new Rooms([
      {
        id: roomId('r'),
        name: 'R',
        typing: true,
        announce: false,
        otherHubs: 'yield',
        links: [link],
        policy,
      },
    ]),
    clock: new ManualClock(),
    newEventId: () => eventId(`e${++number}`),
    metrics: new Metrics(false),
    log,
    organisations: new Map([[network.id, organisationId('org-a')]]),
    fullLanes: { tell: () => undefined },
    maybeSent: { until: () => doubtful },
    drain: () => undefined,
    came: () => undefined,
  });
});

const text = (value: string): IncomingEvent =>
  network.incoming({}, { kind: 'message', plain: value, body: { type: 'root', children: [] } });
const give = (...events: IncomingEvent[]) => station.accept(network.id, { channel, events, cursor: 'k' });
const broken = (more: object): IncomingEvent => ({ ...text('the words'), ...more }) as IncomingEvent;

/** A body that contains itself. */
function circle(): Body {
  const children: object[] = [];
  children.push({ type: 'blockquote', children });
  return { type: 'root', children } as Body;
}

/** A body far deeper than any walk can go. */
function abyss(): Body {
  let child: object = { type: 'paragraph', children: [] };
  for (let depth = 0; depth < 200_000; depth++) child = { type: 'blockquote', children: [child] };
  return { type: 'root', children: [child] } as Body;
}

describe('station 1', () => {
  it('numbers what is valid, fills in what is left out, and saves the cursor', async () => {
    expect(await give(text('one'), text('two'))).toEqual({ fresh: 2, unlinked: false });
    expect(stored.map(({ id, event }) => [id, event.kind === 'message' && event.plain])).toEqual([
      ['e1', 'one'],
      ['e2', 'two'],
    ]);
    expect(stored[0]?.event).toMatchObject({ hops: [], sender: { organisation: 'org-a' } });
    expect(cursors).toEqual(['k']);
  });

  it('believes neither an organisation nor an origin that a bridge makes up', async () => {
    const origin = { ...text('x').origin, network: networkId('b'), channel: channelId('other') };
    const sender = { ...text('x').sender, organisation: organisationId('org-b') };
    await give(broken({ origin, sender }));
    expect(stored[0]?.event).toMatchObject({
      origin: { network: 'a', channel: 'c' },
      sender: { organisation: 'org-a' },
    });
  });

  it('leaves as it is what the bridge handed over', async () => {
    const origin = { ...text('x').origin, network: networkId('b'), channel: channelId('other') };
    const raw = broken({ origin });
    const before = structuredClone(raw);
    await give(raw);
    expect(raw).toEqual(before);
    expect(stored[0]?.event.sender).toHaveProperty('organisation', 'org-a');
  });

  it('has an answer wait while it is doubtful what was sent to where it comes from', async () => {
    const natives = ['m0'];
    const events = [text('no answer'), broken({ replyTo: { natives } }), broken({ thread: { natives } })];
    doubtful = 7;
    await give(...events, broken({ kind: 'edit', target: { natives } }));
    doubtful = null;
    await give(...events);
    expect(stored.map(({ until }) => until)).toEqual([null, 7, 7, null, null, null, null]);
  });

  it('an unlinked channel keeps nothing', async () => {
    const other = channelId('other');
    expect(await station.accept(network.id, { channel: other, events: [text('x')] })).toEqual({
      fresh: 0,
      unlinked: true,
    });
    expect(stored).toEqual([]);
  });

  it.each([
    ['an unknown node', { body: { type: 'root', children: [{ type: 'html', value: '<b>' }] } }],
    ['a field too many', { shout: true }],
    ['a body without end', { body: abyss() }],
    ['a body that contains itself', { body: circle() }],
    ['a name without end', { sender: { nativeId: 'ada', displayName: 'x'.repeat(2000), kind: 'person' } }],
    ['no sensible attachments', { attachments: 'none' }],
  ])('what people said goes on as plain words: %s', async (_what, more) => {
    expect(await give(broken(more))).toMatchObject({ fresh: 1 });
    expect(stored[0]?.event).toMatchObject({
      plain: 'the words',
      body: { children: [{ type: 'paragraph', children: [{ value: 'the words' }] }] },
    });
    expect(logged).toMatchObject([{ level: 'error', code: 'event.invalid' }]);
    expect(problems).toEqual([]);
  });

  it('also words too many for paragraphs, and more than may be', async () => {
    const lines = 'line\n'.repeat(30_000);
    await give(broken({ plain: lines, shout: true }), broken({ plain: 'x'.repeat(600_000) }));
    expect(stored).toHaveLength(2);
    expect(stored[1]?.event).toMatchObject({ plain: 'x'.repeat(400_000) });
  });

  it('an edit keeps its target', async () => {
    const target = { natives: ['m0'] };
    await give(broken({ kind: 'edit', target, shout: true }));
    expect(stored[0]?.event).toMatchObject({ kind: 'edit', target, plain: 'the words' });
  });

  it.each([
    ['a message of nobody', { sender: undefined }],
    ['one from nowhere', { origin: {} }],
    ['another kind', { kind: 'reaction', emoji: 3 }],
    ['a kind that is none', { kind: 'shout' }],
  ])('what cannot even be read as words is dropped, and the rest goes on: %s', async (_what, more) => {
    expect(await give(broken(more), text('next'))).toMatchObject({ fresh: 1 });
    expect(stored.map(({ event }) => event.kind === 'message' && event.plain)).toEqual(['next']);
    expect(problems).toEqual([]);
  });

  it('nothing at all is dropped as well', async () => {
    const nothing: unknown = null;
    await give(nothing as IncomingEvent, text('next'));
    expect(stored).toHaveLength(1);
  });
});
