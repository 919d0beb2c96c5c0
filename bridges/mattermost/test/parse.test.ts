import { type Body, networkId } from '@brygga/event';
import { describe, expect, it } from 'vitest';
import { Post } from '../src/native.ts';
import { namesIn, type ParseSpace, parsePost } from '../src/parse.ts';

const NET = networkId('mm');
const people: Readonly<Record<string, string>> = { ada: 'Ada Berg', 'bo.ek': 'Bo Ek' };
const space: ParseSpace = {
  network: NET,
  person: (username) => {
    const displayName = people[username];
    return displayName === undefined ? null : { id: `id-of-${username}`, displayName };
  },
};
const ID = 'a'.repeat(26);
const post = (message: string, more: object = {}) =>
  Post.parse({ id: ID, user_id: ID, channel_id: ID, message, ...more });
const text = (value: string) => ({ type: 'text', value }) as const;
const p = (...children: unknown[]) => ({ type: 'paragraph', children });
const body = (message: string, more: object = {}): Body['children'] | undefined =>
  parsePost(post(message, more), space)?.body.children;
const ada = {
  type: 'mention',
  target: { kind: 'person', network: 'mm', person: 'id-of-ada' },
  label: 'Ada Berg',
};

describe('the text of a post', () => {
  it.each([
    ['hello **you**', [p(text('hello '), { type: 'strong', children: [text('you')] })]],
    ['@ada: look', [p(ada, text(': look'))]],
    ['thanks @ada.', [p(text('thanks '), ada, text('.'))]],
    [
      '@nobody and a@ada.se',
      [p(text('@nobody and '), { type: 'link', url: 'mailto:a@ada.se', children: [text('a@ada.se')] })],
    ],
    ['@bo.ek', [p({ ...ada, target: { ...ada.target, person: 'id-of-bo.ek' }, label: 'Bo Ek' })]],
    ['@all', [p({ type: 'mention', target: { kind: 'room' }, label: 'all' })]],
    ['@here!', [p({ type: 'mention', target: { kind: 'channel' }, label: 'here' }, text('!'))]],
    [
      '`@ada` :+1: :party_parrot:',
      [p({ type: 'inlineCode', value: '@ada' }, text(' 👍 '), { type: 'emoji', name: 'party_parrot' })],
    ],
    [':wave_dark_skin_tone: 10:30:00', [p(text('👋🏿 10'), { type: 'emoji', name: '30' }, text('00'))]],
  ])('%j', (message, children) => {
    expect(body(message)).toEqual(children);
  });

  it('of somebody who acts is an emote', () => {
    const parsed = parsePost(post('*waves*', { type: 'me' }), space);
    expect(parsed).toMatchObject({ plain: 'waves', style: 'emote' });
  });

  it('says how urgent it is, and what is attached in the manner of Slack', () => {
    const attachments = [
      { pretext: 'P', title: 'T', text: 'x **y**', fields: [{ title: 'F', value: 3 }] },
      { fallback: 'f' },
      'no',
    ];
    const parsed = parsePost(
      post('Look', { props: { attachments }, metadata: { priority: { priority: 'urgent' } } }),
      space,
    );
    expect(parsed?.plain).toBe('❗❗\n\nLook\n\nP\nT\nx y\nF: 3\n\nf');
  });

  it('may be empty beside files', () => {
    const files = [{ id: ID, name: 'a/b.pdf', mime_type: '', size: 7 }];
    expect(parsePost(post('', { metadata: { files } }), space)).toMatchObject({
      plain: '',
      attachments: [{ name: 'a_b.pdf', mediaType: 'application/octet-stream', bytes: 7, source: ID }],
    });
    expect(parsePost(post(''), space)).toBeNull();
  });

  it('names whom it may call, each once, shortened by signs that may belong to the sentence', () => {
    expect(namesIn('@Ada, @ada. @all x@y.se @bo.ek...')).toEqual([
      'ada',
      'ada.',
      'bo.ek...',
      'bo.ek..',
      'bo.ek.',
      'bo.ek',
    ]);
  });
});

describe('a post that is not as it should be', () => {
  it.each([
    [{ props: null }],
    [{ props: 'x' }],
    [{ file_ids: null }],
    [{ metadata: null }],
    [{ metadata: { files: 'x' } }],
    [{ root_id: 7 }],
  ])('is read as far as it can be: %j', (more) => {
    expect(body('words', more)).toEqual([p(text('words'))]);
  });
});
