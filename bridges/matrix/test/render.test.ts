import type { EventOf } from '@brygga/event';
import { type Body, networkId, overBounds, personId } from '@brygga/event';
import { arbitraryBody } from '@brygga/testkit';
import { mapLeaves, normalBody, plainText } from '@brygga/text';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editContent, messageContent } from '../src/content.ts';
import { ghostId, type Remote, readGhost } from '../src/ids.ts';
import { parseContent } from '../src/parse.ts';
import { PART_BYTES_MAX, type RenderContext, render } from '../src/render.ts';
import { anna, delivery, said } from './deliveries.ts';

const near = networkId('near');
const ghosts = { ghostPrefix: '_brygga_', serverName: 'hs.test' };
const ghostOf = (remote: Remote) => ghostId(ghosts, remote);
const context: RenderContext = {
  space: { network: near, ghostOf },
  persona: anna,
  replyKnown: false,
  threadKnown: false,
  answered: null,
};
const marker = { key: 'k', hub: 'h', hops: ['h'] };

const message = (body: Body, more: object = {}): EventOf<'message'> => {
  const { event } = delivery('!r:hs.test', said(plainText(body), { body, ...more }));
  if (event.kind !== 'message') throw new Error('no message');
  return event;
};
const paragraph = (...children: object[]): Body =>
  ({ type: 'root', children: [{ type: 'paragraph', children }] }) as Body;
const text = (value: string) => ({ type: 'text', value });
const only = (body: Body, more: object = {}, about: Partial<RenderContext> = {}) => {
  const { parts, lost } = render(message(body, more), { ...context, ...about });
  expect(parts).toHaveLength(1);
  const [part] = parts;
  if (part === undefined) throw new Error('no part');
  return { ...part, lost };
};

describe('what is said', () => {
  test('plain text needs no HTML, marks do', () => {
    expect(only(paragraph(text('a <b> & c')))).toMatchObject({ body: 'a <b> & c', html: null });
    const strong = { type: 'strong', children: [text('a<b')] };
    expect(only(paragraph(strong))).toMatchObject({ body: 'a<b', html: '<strong>a&lt;b</strong>' });
  });

  test('mentions: people here by their id, others by their ghost, everybody by @room', () => {
    const here = {
      type: 'mention',
      target: { kind: 'person', network: near, person: '@ada:hs.test' },
      label: 'Ada',
    };
    const far = { type: 'mention', target: { kind: 'person', network: 'far', person: 'ben' }, label: 'Ben' };
    const all = { type: 'mention', target: { kind: 'channel' }, label: 'here' };
    const part = only(paragraph(here, text(' '), far, text(' '), all));
    expect(part.mentions).toEqual({ users: ['@ada:hs.test'], room: true });
    expect(part.body).toBe('@Ada @Ben @room');
    expect(part.html).toContain('href="https://matrix.to/#/%40_brygga_far_ben%3Ahs.test"');
  });

  test('styles, and that the hub itself only gives notice', () => {
    expect(only(paragraph(text('x')), { style: 'emote' }).msgtype).toBe('m.emote');
    expect(only(paragraph(text('x')), { style: 'notice' }).msgtype).toBe('m.notice');
    expect(only(paragraph(text('x')), { style: 'emote' }, { persona: null }).msgtype).toBe('m.notice');
  });

  test('an answer into the void quotes what it answers', () => {
    const replyTo = { natives: ['n'], excerpt: { author: 'Bo', text: 'shall we?' } };
    const part = only(paragraph(text('yes')), { replyTo });
    expect(part).toMatchObject({ body: '> Bo: shall we?\n\nyes', lost: ['reply'] });
    expect(only(paragraph(text('yes')), { replyTo }, { replyKnown: true })).toMatchObject({
      body: 'yes',
      lost: [],
    });
    expect(only(paragraph(text('yes')), { thread: replyTo }).lost).toEqual(['thread']);
  });

  test('who is answered is called, when a person of this network', () => {
    const answered = { network: near, person: personId('@ada:hs.test'), native: true };
    expect(only(paragraph(text('yes')), {}, { answered }).mentions.users).toEqual(['@ada:hs.test']);
    const stranger = { ...answered, native: false };
    expect(only(paragraph(text('yes')), {}, { answered: stranger }).mentions.users).toEqual([]);
  });

  test('files are named with their size; pictures and custom emoji become words', () => {
    const file = { name: 'a.pdf', mediaType: 'application/pdf', bytes: 1_500_000, source: 's' };
    const emoji = { type: 'emoji', name: 'wave' };
    const image = { type: 'image', attachment: 0, alt: '' };
    const part = only(paragraph(emoji, text(' '), image), { attachments: [file] });
    expect(part.body).toBe(':wave: a.pdf\n\n[file: a.pdf, 1.5 MB; not carried over]');
    expect([...part.lost].sort()).toEqual(['attachment', 'customEmoji']);
  });

  test('nothing to say is no message', () => {
    expect(render(message({ type: 'root', children: [] }), context).parts).toEqual([]);
  });
});

/** What Matrix cannot say comes back in another form. */
const asCarried = (body: Body): Body =>
  mapLeaves(normalBody(body), (leaf) => {
    if (leaf.type === 'emoji') return [{ type: 'text', value: `:${leaf.name}:` }];
    if (leaf.type === 'image') return [{ type: 'text', value: leaf.alt || 'image' }];
    return [leaf];
  });
/** Columns lose their alignment: no client takes it. */
const unaligned = (body: unknown): unknown =>
  JSON.parse(
    JSON.stringify(body ?? null).replace(/"(?:left|right|center)"(?=[^[\]]*\],"children")/g, 'null'),
  );
/** Mentions of real people of this network; those of everybody are another test's. */
const withPeople = (body: Body): Body =>
  mapLeaves(body, (leaf) => {
    if (leaf.type !== 'mention') return [leaf];
    if (leaf.target.kind !== 'person') return [];
    const person = leaf.target.network === near ? personId('@ada:hs.test') : leaf.target.person;
    return [
      {
        ...leaf,
        label: leaf.label.replace(/[^\p{L}\p{N}]/gu, '') || 'x',
        target: { ...leaf.target, person },
      },
    ];
  });

describe('properties', () => {
  const readSpace = {
    network: near,
    nameOf: (user: string) => user,
    ghostOf: (user: string) => {
      const reading = readGhost(ghosts, user);
      return reading.kind === 'ghost' ? reading.remote : null;
    },
  };
  const bodies = arbitraryBody().map(withPeople);

  test('what is written is read as it was meant', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const { parts } = render(message(body), context);
        const meant = normalBody(asCarried(body));
        fc.pre(parts.length === 1);
        const [part] = parts;
        if (part === undefined) return;
        const back = parseContent('m.room.message', messageContent(part, marker), readSpace);
        expect(unaligned(back?.body)).toEqual(unaligned(meant));
      }),
      { numRuns: 500 },
    );
  });

  test('every part fits an event, also as an edit', () => {
    const long = fc.tuple(bodies, fc.integer({ min: 1, max: 400 })).map(([body, times]): Body => {
      const children = Array.from({ length: times }, () => body.children).flat();
      return { type: 'root', children: children.slice(0, 600) };
    });
    fc.assert(
      fc.property(long, (body) => {
        fc.pre(overBounds(body) === null);
        for (const part of render(message(body), context).parts) {
          const bytes = Buffer.byteLength(JSON.stringify(editContent(part, marker, '$x')));
          expect(bytes).toBeLessThan(60_000);
          expect(Buffer.byteLength(JSON.stringify(messageContent(part, marker)))).toBeLessThan(
            PART_BYTES_MAX + 5_000,
          );
        }
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });
});
