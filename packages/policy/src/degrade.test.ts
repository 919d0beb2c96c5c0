import type { Feature, Grade } from '@brygga/contract';
import { type Event, type EventOf, nativeId, plainBody } from '@brygga/event';
import { describe, expect, it } from 'vitest';
import { channel, edit, manifest, membership, message, reaction, removal, target } from '../test/samples.ts';
import { degrade } from './degrade.ts';
import { featureOf } from './plan.ts';
import { WORDS } from './words.ts';

const say = WORDS.en;
const run = (
  event: Event,
  out: Partial<Record<Feature, Grade>>,
  { byModerator = false, reactions = 'any' as 'any' | 'unicode', before = [] as string[] } = {},
) => degrade(event, featureOf(event, byModerator), manifest(out, { reactions }), say, 'Ada (North)', before);

const plainOf = (event: Event | undefined): string =>
  event?.kind === 'message' ? event.plain : 'no message';

describe('an event the link carries', () => {
  it.each([
    ['message', message()],
    ['edit', edit()],
    ['delete', removal()],
    ['reaction', reaction(['👍', ':party:'])],
    ['membership', membership()],
    ['channel', channel({ name: 'Tea', topic: 'On tea' })],
  ] as [string, Event][])('%s stays the same object', (_kind, event) => {
    expect(run(event, {})).toEqual({ event, hub: false, lost: [] });
    expect(run(event, {})?.event).toBe(event);
  });
});

describe('an event in words', () => {
  it.each([
    ['edit', edit(), 'edit', false, '(edited)\nhullo'],
    ['delete', removal(), 'deleteOwn', false, '(removed this message)'],
    ['reaction', reaction(['👍', ':party:']), 'reaction', false, 'reacted with 👍 :party:'],
    ['membership', membership(), 'membership', true, 'Ada (North) joined'],
    ['topic', channel({ topic: 'On tea' }), 'channelTopic', true, 'Ada (North) changed the topic to: On tea'],
    ['name', channel({ name: 'Tea' }), 'channelName', true, 'Ada (North) changed the name to: Tea'],
  ] as [string, Event, Feature, boolean, string][])('%s', (_what, event, feature, hub, said) => {
    const degraded = run(event, { [feature]: 'fallback' });
    expect(degraded).toMatchObject({ hub, lost: [feature], event: { kind: 'message', plain: said } });
    expect(degraded?.event).toMatchObject({ id: event.id, origin: event.origin, sender: event.sender });
    for (const grade of ['dropped', 'refused'] as const) expect(run(event, { [feature]: grade })).toBeNull();
  });

  it('hangs on the message it is about', () => {
    for (const event of [edit(), removal(), reaction(['👍'])]) {
      const said = run(event, { edit: 'fallback', deleteOwn: 'fallback', reaction: 'fallback' });
      expect(said?.event).toMatchObject({ replyTo: target });
    }
  });

  it('has to fit the link itself', () => {
    const said = run(reaction(['👍']), { reaction: 'fallback', emote: 'dropped', reply: 'dropped' });
    expect(said?.event).toMatchObject({ style: 'text', plain: '* reacted with 👍' });
    expect(said?.event).not.toHaveProperty('replyTo');
    expect(said?.lost).toEqual(['reaction', 'emote', 'reply']);
    expect(run(membership(), { membership: 'fallback', notice: 'dropped' })?.event).toMatchObject({
      style: 'text',
    });
    expect(run(edit(), { edit: 'fallback', message: 'dropped' })).toBeNull();
  });

  it('keeps who spoke when a machine edits its own notice', () => {
    expect(run(edit({ style: 'notice' }), { edit: 'fallback' })?.hub).toBe(false);
  });

  it('a removal by a moderator goes by its own grade', () => {
    const out = { deleteOwn: 'full', deleteByModerator: 'dropped' } as const;
    expect(run(removal(), out, { byModerator: true })).toBeNull();
    expect(run(removal(), out)?.event.kind).toBe('delete');
    expect(run(removal(), { deleteByModerator: 'fallback' }, { byModerator: true })?.lost).toEqual([
      'deleteByModerator',
    ]);
  });

  it('an empty set of reactions says nothing', () => {
    expect(run(reaction([]), { reaction: 'fallback' })).toBeNull();
  });
});

describe('reactions', () => {
  const unicode = (set: string[], before: string[] = [], out: Partial<Record<Feature, Grade>> = {}) =>
    run(reaction(set), out, { reactions: 'unicode', before });
  const inWords = (said: string) => ({ kind: 'message', style: 'emote', plain: said, replyTo: target });

  it('custom ones are told in words where only Unicode is taken, and the others are set', () => {
    expect(unicode([':party:'])).toEqual({
      event: expect.objectContaining(inWords('reacted with :party:')),
      hub: false,
      lost: ['customEmoji'],
    });
    expect(unicode(['👍', ':party:'])).toMatchObject({
      event: { kind: 'reaction', emoji: ['👍'] },
      lost: ['customEmoji'],
      beside: inWords('reacted with :party:'),
    });
  });

  it('are told once: neither again with the next one, nor when one is taken back', () => {
    expect(unicode([':party:', '👍'], [':party:'])).toEqual({
      event: expect.objectContaining({ kind: 'reaction', emoji: ['👍'] }),
      hub: false,
      lost: [],
    });
    expect(unicode(['👍', ':party:', ':tea:'], ['👍', ':party:'])?.event).toMatchObject(
      inWords('reacted with :tea:'),
    );
    expect(unicode(['👍'], ['👍', ':party:'])).toBeNull();
    const said = run(reaction(['👍', '🎉']), { reaction: 'fallback' }, { before: ['👍'] });
    expect(plainOf(said?.event)).toBe('reacted with 🎉');
    expect(run(reaction(['👍']), { reaction: 'fallback' }, { before: ['👍', '🎉'] })).toBeNull();
  });

  it('a set of custom ones only is an empty set there, so that what stood before goes', () => {
    expect(unicode([':party:'], ['👍'])).toMatchObject({
      event: { kind: 'reaction', emoji: [] },
      beside: { plain: 'reacted with :party:' },
    });
  });

  it('where a link has no words for custom ones they fall away', () => {
    expect(unicode([':party:'], [], { customEmoji: 'dropped' })).toBeNull();
    const taken = unicode(['👍', ':party:'], [], { customEmoji: 'dropped' });
    expect(taken).toMatchObject({ event: { kind: 'reaction', emoji: ['👍'] }, lost: ['customEmoji'] });
    expect(taken).not.toHaveProperty('beside');
  });

  it.each(['👍', '❤', '❤️', '👍🏽', '🇸🇪', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👩‍👩‍👧‍👦', '©️'])('%s is Unicode', (emoji) => {
    const event = reaction([emoji]);
    expect(run(event, {}, { reactions: 'unicode' })?.event).toBe(event);
  });

  it.each(['+1', 'lol', '1', ':a b:', '👍 x', `${'1'.repeat(120)}x`])('%s is none', (emoji) => {
    expect(plainOf(unicode([emoji])?.event)).toBe(`reacted with ${emoji}`);
  });
});

describe('name and topic in one event', () => {
  const both = channel({ name: 'Tea', topic: 'On tea' });

  it.each([
    ['topic', { channelName: 'dropped' }, { topic: 'On tea' }, ['channelName']],
    ['name', { channelTopic: 'fallback' }, { name: 'Tea' }, ['channelTopic']],
  ] as [string, Partial<Record<Feature, Grade>>, object, Feature[]][])(
    'only the %s is carried',
    (_what, out, kept, lost) => {
      const degraded = run(both, out);
      expect(degraded).toMatchObject({ event: { kind: 'channel', ...kept }, lost });
      expect(Object.keys(degraded?.event ?? {})).not.toContain('name' in kept ? 'topic' : 'name');
    },
  );

  it('neither is carried: what may be said is said', () => {
    const said = run(both, { channelName: 'fallback', channelTopic: 'fallback' });
    expect(plainOf(said?.event).split('\n')).toHaveLength(2);
    expect(plainOf(run(both, { channelName: 'dropped', channelTopic: 'fallback' })?.event)).toBe(
      'Ada (North) changed the topic to: On tea',
    );
    expect(run(both, { channelName: 'dropped', channelTopic: 'dropped' })).toBeNull();
  });
});

describe('a message', () => {
  const file = { name: 'plan.pdf', mediaType: 'application/pdf', bytes: 1500, source: 'x' };

  it('files become words, and pictures in the text their description', () => {
    const body: EventOf<'message'>['body'] = {
      type: 'root',
      children: [{ type: 'paragraph', children: [{ type: 'image', attachment: 0, alt: 'a map' }] }],
    };
    const said = run(message({ attachments: [file], body, plain: 'see' }), { attachment: 'fallback' });
    expect(said?.event).toMatchObject({
      attachments: [],
      plain: 'see\n[file: plan.pdf, 1.5 kB; not carried over]',
      body: {
        children: [
          { children: [{ type: 'text', value: 'a map' }] },
          { children: [{ type: 'text', value: '[file: plan.pdf, 1.5 kB; not carried over]' }] },
        ],
      },
    });
    expect(said?.lost).toEqual(['attachment']);
    expect(plainOf(run(message({ attachments: [file], plain: '' }), { attachment: 'dropped' })?.event)).toBe(
      '[file: plan.pdf, 1.5 kB; not carried over]',
    );
  });

  it('a thread becomes a reply, or nothing', () => {
    const answered = { natives: [nativeId('m5')] };
    expect(run(message({ thread: target }), { thread: 'fallback' })?.event).toMatchObject({
      replyTo: target,
    });
    const both = run(message({ thread: target, replyTo: answered }), { thread: 'fallback' });
    expect(both?.event).toMatchObject({ replyTo: answered });
    const dropped = run(message({ thread: target }), { thread: 'dropped' });
    expect(dropped?.event).not.toHaveProperty('replyTo');
    expect(dropped?.event).not.toHaveProperty('thread');
    expect(dropped?.lost).toEqual(['thread']);
  });

  it('a reply becomes a quotation where its words are known', () => {
    const quoted = { ...target, excerpt: { author: 'Ben', text: 'tea?' } };
    const said = run(message({ replyTo: quoted }), { reply: 'fallback' });
    expect(plainOf(said?.event)).toBe('> Ben: tea?\nhello');
    expect(said?.event).toMatchObject({
      body: { children: [{ type: 'blockquote' }, { type: 'paragraph' }] },
    });
    expect(said?.event).not.toHaveProperty('replyTo');
    expect(plainOf(run(message({ replyTo: target }), { reply: 'fallback' })?.event)).toBe('hello');
    expect(plainOf(run(message({ replyTo: quoted }), { reply: 'dropped' })?.event)).toBe('hello');
  });

  it.each([
    [
      'text begins',
      plainBody('waves'),
      [
        [
          { type: 'text', value: '* ' },
          { type: 'text', value: 'waves' },
        ],
      ],
    ],
    [
      'something else begins',
      { type: 'root', children: [{ type: 'code', lang: null, value: 'x' }] } as const,
      [[{ type: 'text', value: '* ' }], undefined],
    ],
  ])('an emote gets its star: %s', (_what, body, children) => {
    const own = structuredClone(body) as EventOf<'message'>['body'];
    const said = run(message({ style: 'emote', body: own, plain: 'waves' }), { emote: 'fallback' });
    expect(said).toMatchObject({ event: { style: 'text', plain: '* waves' }, lost: ['emote'] });
    const blocks = said?.event.kind === 'message' ? said.event.body.children : [];
    expect(blocks.map((block) => ('children' in block ? block.children : undefined))).toEqual(children);
  });

  it('the star stands below the quotation', () => {
    const quoted = { ...target, excerpt: { author: 'Ben', text: 'tea?' } };
    const said = run(message({ style: 'emote', plain: 'waves', replyTo: quoted }), {
      emote: 'dropped',
      reply: 'fallback',
    });
    expect(plainOf(said?.event)).toBe('> Ben: tea?\n* waves');
  });

  it('a notice is said in an ordinary voice, an edit of an emote like the emote', () => {
    expect(run(message({ style: 'notice' }), { notice: 'fallback' })).toMatchObject({
      event: { style: 'text', plain: 'hello' },
      lost: ['notice'],
    });
    expect(run(edit({ style: 'emote' }), { emote: 'fallback' })).toMatchObject({
      event: { kind: 'edit', style: 'text', plain: '* hullo' },
      lost: ['emote'],
    });
  });

  it('is not carried to a link that takes none', () => {
    expect(run(message(), { message: 'dropped' })).toBeNull();
  });
});
