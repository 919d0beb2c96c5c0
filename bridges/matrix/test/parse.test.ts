import { networkId, personId } from '@brygga/event';
import { describe, expect, test } from 'vitest';
import { type ParseSpace, parseContent, replyFallback } from '../src/parse.ts';

const anna = { network: networkId('tax-xmpp'), person: personId('anna@tax.test') };
const ghost = '@_brygga_tax-xmpp_anna=40tax.test:agency.test';
const space: ParseSpace = {
  network: networkId('agency-matrix'),
  ghostOf: (user) => (user === ghost ? anna : null),
  nameOf: (user) => (user === '@ada:agency.test' ? 'Ada' : user),
};
const read = (content: object, type = 'm.room.message') =>
  parseContent(type, { msgtype: 'm.text', ...content }, space);
const html = (formatted_body: string, more: object = {}) =>
  read({ body: 'fallback', format: 'org.matrix.custom.html', formatted_body, ...more });
const first = (parsed: ReturnType<typeof read>) => parsed?.body.children[0];
const ada = { kind: 'person', network: space.network, person: '@ada:agency.test' };

describe('text', () => {
  test('plain, with line ends and paragraphs', () => {
    const parsed = read({ body: 'one\ntwo\n\nthree <b>' });
    expect(parsed?.body.children).toHaveLength(2);
    expect(parsed?.plain).toBe('one\ntwo\n\nthree <b>');
  });

  test('formatted: the HTML counts, not the plain body', () => {
    expect(html('<p><strong>hi</strong> you</p>')?.plain).toBe('hi you');
    expect(first(html('<h2>T</h2>'))).toMatchObject({ type: 'heading', depth: 2 });
    expect(first(html('<pre><code class="language-sh">ls\n</code></pre>'))).toMatchObject({
      lang: 'sh',
      value: 'ls',
    });
  });

  test('formatted with nothing in it falls back', () => {
    expect(html('<script>x</script>')?.plain).toBe('fallback');
    expect(read({ body: 'a', format: 'org.matrix.custom.html' })?.plain).toBe('a');
    expect(read({ body: 'a', format: 'other', formatted_body: '<b>b</b>' })?.plain).toBe('a');
  });

  test('spoilers are marked, custom emoji named, pictures given their words', () => {
    expect(html('<span data-mx-spoiler>it dies</span>')?.plain).toBe('[spoiler] it dies');
    expect(html('<span data-mx-spoiler="film">it dies</span>')?.plain).toBe('[spoiler: film] it dies');
    expect(html('<img data-mx-emoticon src="mxc://a/b" alt=":wave:">')?.plain).toBe(':wave:');
    expect(html('a <img src="mxc://a/b" alt="cat">')?.plain).toBe('a cat');
  });

  test('styles', () => {
    expect(read({ msgtype: 'm.emote', body: 'waves' })?.style).toBe('emote');
    expect(read({ msgtype: 'm.notice', body: 'beep' })?.style).toBe('notice');
    expect(read({ msgtype: 'org.example.new', body: 'new' })).toMatchObject({ style: 'text', plain: 'new' });
  });

  test.each([[{}], [{ body: 7 }], [{ body: '' }], [{ body: ' \n ' }]])('nothing to carry: %o', (content) => {
    expect(read(content)).toBeNull();
  });

  test('hostile HTML is taken apart without harm', () => {
    const deep = `${'<b>'.repeat(5000)}x${'</b>'.repeat(5000)}`;
    expect(html(deep)?.plain).toBe('x');
    expect(html('<a href="javascript:alert(1)">x</a>')?.plain).toBe('x');
  });
});

describe('mentions', () => {
  test('a pill is a mention of the person; a ghost of whom it stands for', () => {
    const parsed = html(
      `<a href="https://matrix.to/#/@ada:agency.test">@Ada</a> <a href="https://matrix.to/#/${ghost}">Anna</a>`,
    );
    expect(parsed?.mentions).toEqual([ada, { kind: 'person', ...anna }]);
    expect(first(parsed)).toMatchObject({
      children: [{ type: 'mention', label: 'Ada' }, {}, { label: 'Anna' }],
    });
  });

  test('what m.mentions says counts above pills', () => {
    const pill = '<a href="https://matrix.to/#/@ben:agency.test">Ben</a>';
    expect(html(pill, { 'm.mentions': {} })?.mentions).toEqual([]);
    const called = html(pill, {
      'm.mentions': { user_ids: ['@ada:agency.test', '@ada:agency.test', 7, 'ada'] },
    });
    expect(called?.mentions).toEqual([ada]);
  });

  test('@room calls only when the message says so', () => {
    expect(read({ body: 'hey @room now' })?.mentions).toEqual([]);
    const called = read({ body: 'hey @room now, not x@room.se', 'm.mentions': { room: true } });
    expect(called?.mentions).toEqual([{ kind: 'room' }]);
    expect(first(called)).toMatchObject({
      children: [
        { value: 'hey ' },
        { type: 'mention', target: { kind: 'room' } },
        { value: ' now, not x@room.se' },
      ],
    });
  });

  test('a link to a room is a link', () => {
    expect(first(html('<a href="https://matrix.to/#/!r:agency.test">r</a>'))).toMatchObject({
      children: [{ type: 'link' }],
    });
  });
});

describe('files', () => {
  const file = {
    msgtype: 'm.image',
    body: 'cat.png',
    url: 'mxc://agency.test/abc',
    info: { mimetype: 'image/png', size: 12 },
  };

  test('named by the body, or by filename with a caption beside', () => {
    expect(read(file)).toMatchObject({
      plain: '',
      attachments: [{ name: 'cat.png', mediaType: 'image/png', bytes: 12, source: 'mxc://agency.test/abc' }],
    });
    const captioned = read({ ...file, filename: 'cat.png', body: 'my cat' });
    expect(captioned).toMatchObject({ plain: 'my cat', attachments: [{ name: 'cat.png' }] });
  });

  test('what is told of a file is not trusted', () => {
    const odd = read({ ...file, body: '../../etc/passwd', info: { size: 1.5 } });
    expect(odd?.attachments[0]).toMatchObject({
      name: '.._.._etc_passwd',
      bytes: null,
      mediaType: 'application/octet-stream',
    });
    expect(read({ ...file, url: 'https://evil.test/x' })?.attachments).toEqual([]);
  });

  test('stickers', () => {
    expect(read({ ...file, msgtype: undefined }, 'm.sticker')?.attachments).toHaveLength(1);
  });
});

describe('replies of old clients', () => {
  const body = '> <@ada:agency.test> shall we?\n> today\n\nyes\n> really';

  test('the repeated text goes, and serves as excerpt', () => {
    const parsed = read({ body, 'm.relates_to': { 'm.in_reply_to': { event_id: '$x' } } });
    expect(parsed).toMatchObject({
      plain: 'yes\n> really',
      excerpt: { author: 'Ada', text: 'shall we?\ntoday' },
    });
  });

  test('in HTML too', () => {
    const parsed = html('<mx-reply><blockquote>shall we?</blockquote></mx-reply>yes', {
      body,
      'm.relates_to': { 'm.in_reply_to': { event_id: '$x' } },
    });
    expect(parsed?.plain).toBe('yes');
  });

  test('a quote of one’s own stays, and so does anything outside a reply', () => {
    expect(replyFallback('> said somebody\n\nindeed')).toBeNull();
    expect(read({ body })?.plain).toBe(body);
  });

  test('emotes', () => {
    expect(replyFallback('> * <@ada:x> waves\n\nyes')).toMatchObject({ author: '@ada:x', rest: 'yes' });
  });
});

describe('other kinds in words', () => {
  test('a place', () => {
    expect(read({ msgtype: 'm.location', body: 'Big Ben', geo_uri: 'geo:51.5,-0.1' })?.plain).toBe(
      'Big Ben\ngeo:51.5,-0.1',
    );
  });

  test('a poll, by its names now and before', () => {
    const old = {
      question: { 'org.matrix.msc1767.text': 'Tea?' },
      answers: [{ 'org.matrix.msc1767.text': 'Yes' }],
    };
    const stable = { question: { 'm.text': [{ body: 'Tea?' }] }, answers: [{ 'm.text': [{ body: 'Yes' }] }] };
    expect(read({ 'org.matrix.msc3381.poll.start': old }, 'org.matrix.msc3381.poll.start')?.plain).toBe(
      '[poll] Tea?\n1. Yes',
    );
    expect(read({ 'm.poll': stable }, 'm.poll.start')?.plain).toBe('[poll] Tea?\n1. Yes');
    expect(read({ 'm.poll': {} }, 'm.poll.start')).toBeNull();
  });
});
