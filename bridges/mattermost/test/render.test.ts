import type { Persona } from '@brygga/contract';
import { Event, networkId, plainBody } from '@brygga/event';
import { describe, expect, it } from 'vitest';
import { nameOf } from '../src/emoji.ts';
import { guard, isSlackSyntax, type RenderContext, render } from '../src/render.ts';

const NET = networkId('mm');
const context: RenderContext = {
  space: { network: NET, username: (person) => (person === 'ada' ? 'ada.berg' : null) },
  nameLine: null,
  replyKnown: false,
  threadKnown: false,
  postCharsMax: 16_383,
};
const persona = { label: 'Anna (Agency)' } as Persona;
const said = (more: object) => {
  const event = Event.parse({
    v: 1,
    id: '01900000-0000-7000-8000-000000000001',
    acceptedAt: 1,
    kind: 'message',
    origin: { network: 'x', channel: 'c', nativeId: 'n' },
    sender: { nativeId: 'anna', displayName: 'Anna', kind: 'person' },
    sentAt: 1,
    plain: '',
    body: plainBody('hello'),
    ...more,
  });
  if (event.kind !== 'message') throw new Error('no message');
  return event;
};
const parts = (more: object, change: Partial<RenderContext> = {}) =>
  render(said(more), { ...context, ...change }).parts;
const words = (value: string) => parts({ body: plainBody(value) })[0];

describe('foreign text', () => {
  it.each([
    '@all',
    '@here and @channel',
    '.@all -@all :@all',
    '_@all_',
    '*@channel*',
    '~town-square',
    ':tada: :+1:',
    '**@all**',
    '`@all',
  ])('calls nobody and becomes nothing: %s', (value) => {
    const [markdown = ''] = parts({ body: plainBody(value) });
    expect(pinged(markdown)).toEqual([]);
    expect(markdown).not.toMatch(/~[a-z]|:[a-z0-9_+-]+:/);
    expect(markdown.replace(/[\\\u200b]/g, '')).toBe(value);
  });

  it.each([
    ['<!channel>', true],
    ['ask <@abc123> now', true],
    ['`Array<string|number>`', true],
    ['<https://e.org|@all>', true],
    ['a < b | c', false],
    ['a <b> | c', false],
    ['<!x> <@> <|>', false],
  ])('is known when a webhook would rewrite it: %s', (value, rewritten) => {
    expect(isSlackSyntax(value)).toBe(rewritten);
  });

  it('leaves addresses of mail, times and ordinary signs as they are', () => {
    for (const value of ['a@b.se', '10:30 to 11:00', 'a < b > c', '~ 5 km'])
      expect(words(value)?.replace(/\\~/, '~')).toBe(value);
  });
});

/** Whom the server would call, by its own rule: words are parted at all signs but these. */
function pinged(markdown: string): string[] {
  const names = ['@all', '@here', '@channel'];
  const parted = markdown.split(/[^\p{L}\p{N}:._@-]+/u).flatMap((word) => [word, ...word.split(/[.:-]/)]);
  return parted.filter((word) => names.includes(word.toLowerCase()));
}

describe('a message as posts', () => {
  const mention = (target: object, label: string) => ({
    type: 'root',
    children: [{ type: 'paragraph', children: [{ type: 'mention', target, label }] }],
  });

  it('calls people of this network by their user name, others by name alone', () => {
    const person = (network: string, id: string) => ({ kind: 'person', network, person: id });
    expect(parts({ body: mention(person('mm', 'ada'), 'Ada') })).toEqual(['@ada.berg']);
    expect(parts({ body: mention(person('mm', 'bo'), 'Bo') })).toEqual(['@\u200bBo']);
    expect(parts({ body: mention(person('x', 'ada'), 'Ada') })).toEqual(['@\u200bAda']);
    expect(parts({ body: mention({ kind: 'room' }, 'room') })).toEqual(['@all']);
    expect(parts({ body: mention({ kind: 'channel' }, 'x') })).toEqual(['@here']);
  });

  it('has the name in bold where no other name can be set', () => {
    expect(parts({}, { nameLine: persona })).toEqual(['**Anna (Agency)**: hello']);
    const code = { type: 'root', children: [{ type: 'code', lang: null, value: 'x' }] };
    expect(parts({ body: code }, { nameLine: persona })).toEqual(['**Anna (Agency)**:\n\n```\nx\n```']);
    expect(parts({ style: 'emote', body: plainBody('waves') }, { nameLine: persona })).toEqual([
      '_**Anna (Agency)** waves_',
    ]);
  });

  it('quotes what is answered where that is not in the channel', () => {
    const replyTo = { natives: ['m'], excerpt: { author: 'Bo', text: 'tea?' } };
    expect(render(said({ replyTo }), context)).toEqual({
      parts: ['> **Bo:** tea?\n\nhello'],
      lost: ['reply'],
    });
    expect(render(said({ replyTo }), { ...context, replyKnown: true })).toEqual({
      parts: ['hello'],
      lost: [],
    });
  });

  it('is cut where it is longer than a post may be, counted in code points', () => {
    const long = parts({ body: plainBody('😀 word '.repeat(2500)) }, { postCharsMax: 16_383 });
    expect(long).toHaveLength(2);
    for (const part of long) expect([...part].length).toBeLessThanOrEqual(16_383);
    expect(parts({ body: plainBody('😀'.repeat(16_383)) })).toHaveLength(1);
  });
});

describe('names of emoji', () => {
  it.each([
    ['👍', '+1'],
    ['❤️', 'heart'],
    ['❤', 'heart'],
    ['👋🏿', 'wave_dark_skin_tone'],
    ['🇸🇪', 'flag-se'],
    ['🫠', null],
    ['x', null],
  ])('%s is %s', (emoji, name) => {
    expect(nameOf(emoji)).toBe(name);
  });
});

it('guarding twice changes nothing more', () => {
  const value = '@all ~x :tada: <!here>';
  expect(guard(guard(value))).toBe(guard(value));
});
