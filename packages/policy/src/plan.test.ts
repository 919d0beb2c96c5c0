import type { Feature } from '@brygga/contract';
import { type Body, type Event, type EventOf, linkId, networkId, personId } from '@brygga/event';
import { describe, expect, it } from 'vitest';
import {
  channel,
  edit,
  link,
  manifest,
  membership,
  message,
  reaction,
  removal,
  room,
} from '../test/samples.ts';
import { type Decision, featureOf, plan } from './plan.ts';

const origin = linkId('a');
const three = [link('a'), link('b'), link('c')];
const decide = (event: Event, more: Parameters<typeof room>[1] = {}, links = three): Decision[] =>
  plan(event, origin, room(links, more), 'Ada (North)', false);
const messageOf = (decision: Decision | undefined): EventOf<'message' | 'edit'> => {
  const event = decision?.verdict === 'deliver' ? decision.event : undefined;
  if (event?.kind !== 'message' && event?.kind !== 'edit') throw new Error('no message is delivered');
  return event;
};

describe('featureOf', () => {
  it.each([
    [message(), false, 'message'],
    [edit(), false, 'edit'],
    [removal(), false, 'deleteOwn'],
    [removal(), true, 'deleteByModerator'],
    [reaction([]), false, 'reaction'],
    [membership(), false, 'membership'],
    [channel({ name: 'x' }), false, 'channelName'],
    [channel({ topic: 'x' }), false, 'channelTopic'],
  ] as [Event, boolean, Feature][])('%o', (event, byModerator, feature) => {
    expect(featureOf(event, byModerator)).toBe(feature);
  });
});

describe('plan', () => {
  it('delivers to all links but the origin, and the very same event to those that carry it', () => {
    const event = message();
    const decisions = decide(event);
    expect(decisions.map(({ link: id }) => id)).toEqual(['b', 'c']);
    for (const decision of decisions)
      expect(decision).toEqual({
        link: decision.link,
        verdict: 'deliver',
        event,
        hub: false,
        lost: [],
      });
    expect(messageOf(decisions[0])).toBe(event);
  });

  it('carries nothing from a link that only reads, and still delivers to such a one', () => {
    const links = [link('a', { mode: 'readOnly' }), link('b')];
    expect(decide(message(), {}, links)).toEqual([
      { link: 'b', verdict: 'withhold', feature: 'message', reason: 'originReadOnly' },
    ]);
    const [other] = decide(message(), {}, [link('a'), link('b', { mode: 'readOnly' })]);
    expect(other?.verdict).toBe('deliver');
  });

  it('delivers to a paused link: its lane waits', () => {
    expect(decide(message(), {}, [link('a'), link('b', { mode: 'paused' })])[0]?.verdict).toBe('deliver');
  });

  it.each([
    ['who came and went', membership(), { membership: false }, 'membership'],
    ['the topic', channel({ topic: 'x' }), { topic: false }, 'channelTopic'],
    ['the name', channel({ name: 'x' }), { topic: false }, 'channelName'],
  ] as [string, Event, object, Feature][])(
    'withholds %s when the room does not want it',
    (_what, event, off, feature) => {
      for (const decision of decide(event, off))
        expect(decision).toMatchObject({ verdict: 'withhold', feature, reason: 'notWanted' });
      for (const decision of decide(event)) expect(decision.verdict).toBe('deliver');
    },
  );

  it('tells a refusal from what is not carried, for each link by itself', () => {
    const links = [
      link('a'),
      link('b', { manifest: manifest({ edit: 'refused' }) }),
      link('c', { manifest: manifest({ edit: 'dropped' }) }),
      link('d'),
    ];
    expect(decide(edit(), {}, links).map((one) => ('reason' in one ? one.reason : one.verdict))).toEqual([
      'refused',
      'notCarried',
      'deliver',
    ]);
  });

  it.each([
    ['en', 'Ada (North) joined'],
    ['sv', 'Ada (North) gick med'],
  ] as const)('speaks the language of the room: %s', (language, said) => {
    const links = [link('a'), link('b', { manifest: manifest({ membership: 'fallback' }) })];
    expect(messageOf(decide(membership(), { language }, links)[0]).plain).toBe(said);
  });
});

describe('mentions of everybody', () => {
  const person = { kind: 'person', network: networkId('north'), person: personId('ben') } as const;
  const body: Body = {
    type: 'root',
    children: [
      {
        type: 'blockquote',
        children: [
          {
            type: 'paragraph',
            children: [
              { type: 'strong', children: [{ type: 'mention', target: { kind: 'room' }, label: 'room' }] },
              { type: 'mention', target: person, label: 'Ben' },
              { type: 'mention', target: { kind: 'channel' }, label: 'here' },
            ],
          },
        ],
      },
    ],
  };
  const calm = (event: Event): boolean => !/"kind":"(?:room|channel)"/.test(JSON.stringify(event));

  it.each([
    ['listed and in the text', body, [{ kind: 'room' }, person, { kind: 'channel' }]],
    ['in the text only', body, [person]],
    ['listed only', { type: 'root', children: [] } satisfies Body, [{ kind: 'room' }, person]],
  ] as const)('become plain words: %s', (_where, text, mentions) => {
    for (const make of [message, edit]) {
      const event = make({ body: structuredClone(text) as Body, mentions: [...mentions] });
      const before = structuredClone(event);
      const got = messageOf(decide(event)[0]);
      expect(calm(got)).toBe(true);
      expect(got.mentions).toEqual([person]);
      expect(event).toEqual(before);
      expect(messageOf(decide(event, { massMentions: true })[0])).toBe(event);
    }
  });

  it('leave the words and the people in the text', () => {
    const got = messageOf(decide(message({ body, mentions: [person] }))[0]);
    expect(JSON.stringify(got.body)).toContain('"value":"room"');
    expect(JSON.stringify(got.body)).toContain('"label":"Ben"');
  });

  it('are gone from what is said in place of an edit, too', () => {
    const links = [link('a'), link('b', { manifest: manifest({ edit: 'fallback' }) })];
    expect(calm(messageOf(decide(edit({ body, mentions: [{ kind: 'room' }] }), {}, links)[0]))).toBe(true);
  });

  it('a message without any is not built anew', () => {
    const event = message({ mentions: [person] });
    expect(messageOf(decide(event)[0])).toBe(event);
  });
});
