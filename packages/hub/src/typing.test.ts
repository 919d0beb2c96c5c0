import type { Bridge, Grade, Persona } from '@brygga/contract';
import { channelId, type LinkId, linkId, networkId, personId, roomId, type Signal } from '@brygga/event';
import { checkedLog, type LogLine, ManualClock, waitFor } from '@brygga/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeNetwork, manifest } from '../test/fake-network.ts';
import { Personas } from './personas.ts';
import { type Link, Rooms } from './rooms.ts';
import { TypingRelay } from './typing.ts';

let clock: ManualClock;
let shown: { readonly channel: string; readonly persona: Persona; readonly active: boolean }[];
let failing: boolean;
let logged: readonly LogLine[];
let cut: Map<LinkId, 'otherHub'>;
beforeEach(() => {
  clock = new ManualClock();
  shown = [];
  failing = false;
  cut = new Map();
});

const link = (id: string, grade: Grade = 'full', mode: Link['mode'] = 'active'): Link => ({
  id: linkId(id),
  room: roomId('r'),
  network: networkId(id),
  channel: channelId(`c-${id}`),
  mode,
  deliverWithinMs: 1000,
  manifest: manifest({ typing: grade }),
  organisation: id,
  language: 'en',
  timeZone: 'Europe/Stockholm',
});

function relay(links: readonly Link[], { typing = true, here = true } = {}): TypingRelay {
  const policy = { massMentions: false, membership: true, topic: true, language: 'en', links } as const;
  const rooms = new Rooms([
    { id: roomId('r'), name: 'R', typing, announce: false, otherHubs: 'yield', links, policy },
  ]);
  const bridge: Bridge = {
    ...new FakeNetwork('x').bridge(),
    typing: (channel, persona, active) => {
      if (failing) throw new TypeError('no');
      shown.push({ channel, persona, active });
      return Promise.resolve();
    },
  };
  const { log, lines } = checkedLog([]);
  logged = lines;
  return new TypingRelay({
    rooms,
    personas: new Personas(new Map()),
    clock,
    log,
    bridge: () => (here ? bridge : null),
    otherHubs: { cut: () => cut },
  });
}

const typing = (active = true, person = 'ada', at = clock.now()): Signal => ({
  kind: 'typing',
  network: networkId('a'),
  channel: channelId('c-a'),
  sender: { nativeId: personId(person), displayName: person, kind: 'person' },
  active,
  at,
});

describe('who is writing', () => {
  it('is shown on the other links that can show it', () => {
    relay([
      link('a'),
      link('b'),
      link('c', 'partial'),
      link('d', 'dropped'),
      link('e', 'full', 'paused'),
    ]).hear(typing());
    expect(shown.map(({ channel }) => channel)).toEqual(['c-b', 'c-c']);
    expect(shown[0]).toMatchObject({ active: true, persona: { person: 'ada' } });
  });

  it('is not repeated for a while, but a change is shown at once', async () => {
    const relaying = relay([link('a'), link('b')]);
    relaying.hear(typing());
    relaying.hear(typing());
    relaying.hear(typing(true, 'ben'));
    relaying.hear(typing(false));
    expect(shown.map(({ active, persona }) => [persona.name, active])).toEqual([
      ['ada', true],
      ['ben', true],
      ['ada', false],
    ]);
    await clock.advance(3000);
    relaying.hear(typing(false));
    expect(shown).toHaveLength(4);
  });

  it('is dropped when it comes late, where it is not wanted, and from elsewhere', () => {
    relay([link('a'), link('b')]).hear(typing(true, 'ada', clock.now() - 5001));
    relay([link('a'), link('b')], { typing: false }).hear(typing());
    relay([link('b'), link('c')]).hear(typing());
    relay([link('a'), link('b')], { here: false }).hear(typing());
    expect(shown).toEqual([]);
  });

  it('is not shown where another hub carries it', () => {
    cut = new Map([[linkId('b'), 'otherHub']]);
    relay([link('a'), link('b'), link('c')]).hear(typing());
    expect(shown.map(({ channel }) => channel)).toEqual(['c-c']);
    cut = new Map([[linkId('a'), 'otherHub']]);
    relay([link('a'), link('b'), link('c')]).hear(typing());
    expect(shown).toHaveLength(1);
  });

  it('a bridge that fails over it harms nobody', async () => {
    failing = true;
    relay([link('a'), link('b')]).hear(typing());
    await waitFor(() => logged.some(({ code }) => code === 'typing.dropped'));
  });
});
