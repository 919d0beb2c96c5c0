import { describe, expect, it } from 'vitest';
import { type Block, BODY_BOUNDS, Event, IncomingEvent, Signal } from './index.ts';
import { z } from './zod.ts';

const origin = { network: 'near', channel: 'kitchen', nativeId: 'm1' };
const sender = { nativeId: 'ada', displayName: 'Ada', kind: 'person' };
const common = { v: 1, origin, sender, sentAt: 1 };
const body = { type: 'root', children: [{ type: 'paragraph', children: [{ type: 'text', value: 'tea' }] }] };
const message = { ...common, kind: 'message', body, plain: 'tea' };
const target = { natives: ['m0'] };

describe('an incoming event', () => {
  it('gets its defaults', () => {
    expect(IncomingEvent.parse(message)).toEqual({
      ...message,
      origin: { ...origin, revision: '1', aliases: [] },
      hops: [],
      style: 'text',
      mentions: [],
      attachments: [],
    });
  });

  it('is read by compiled code: nothing in its schema stands against that', () => {
    expect(() => z.compile(IncomingEvent, { strict: true })).not.toThrow();
  });

  const taken: [string, object][] = [
    ['edit', { ...common, kind: 'edit', target, body, plain: 'tea' }],
    ['delete', { ...common, kind: 'delete', target }],
    ['reaction', { ...common, kind: 'reaction', target, mode: 'set', emoji: ['👍', ':cat:'] }],
    ['empty reaction', { ...common, kind: 'reaction', target, mode: 'set', emoji: [] }],
    [
      'membership',
      {
        ...common,
        kind: 'membership',
        change: 'rename',
        subject: { nativeId: 'a', displayName: 'b' },
        before: 'a',
      },
    ],
    ['channel', { ...common, kind: 'channel', topic: '' }],
  ];
  it.each(taken)('of each kind is taken: %s', (_, event) => {
    expect(IncomingEvent.safeParse(event).success).toBe(true);
  });

  let deep: Block = { type: 'paragraph', children: [] };
  for (let at = 0; at <= BODY_BOUNDS.depthMax; at += 1) deep = { type: 'blockquote', children: [deep] };
  const refused: [string, object][] = [
    ['an unknown field', { ...message, html: '<b>' }],
    ['another version', { ...message, v: 2 }],
    ['an unknown kind', { ...message, kind: 'poll' }],
    ['a body over its bounds', { ...message, body: { type: 'root', children: [deep] } }],
    ['an edit of nothing', { ...common, kind: 'edit', target: { natives: [] }, body, plain: '' }],
    ['an empty id', { ...message, origin: { ...origin, nativeId: '' } }],
    ['a time before 1970', { ...message, sentAt: -1 }],
    ['more hops than anybody can mean', { ...message, hops: Array.from({ length: 17 }, () => 'hub') }],
    ['what only the hub may give', { ...message, id: '01890a5d-ac96-7b7c-8f8a-1f5f5f5f5f5f', acceptedAt: 1 }],
  ];
  it.each(refused)('refuses %s', (_, event) => expect(IncomingEvent.safeParse(event).success).toBe(false));
});

describe('an event', () => {
  it('carries the hub’s number and time', () => {
    const id = '01890a5d-ac96-7b7c-8f8a-1f5f5f5f5f5f';
    expect(Event.safeParse({ ...message, id, acceptedAt: 2 }).success).toBe(true);
    expect(Event.safeParse({ ...message, acceptedAt: 2 }).success).toBe(false);
    expect(
      Event.safeParse({ ...message, id: 'e37a1d3c-0b5e-4d59-9c2f-6d1f5f5f5f5f', acceptedAt: 2 }).success,
    ).toBe(false);
  });
});

describe('a signal', () => {
  it('is typing or having read, and nothing else', () => {
    const about = { network: 'near', channel: 'kitchen', sender, at: 1 };
    expect(Signal.safeParse({ ...about, kind: 'typing', active: true }).success).toBe(true);
    expect(Signal.safeParse({ ...about, kind: 'read', target }).success).toBe(true);
    expect(Signal.safeParse({ ...about, kind: 'presence', active: true }).success).toBe(false);
  });
});
