import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, nickOf, relationIn } from '../house/eyes.ts';
import { pushMessage } from '../house/homeserver.ts';
import * as matrix from '../house/matrix-acts.ts';
import type { SeenEvent } from '../house/matrix-user.ts';
import { metric } from '../house/status.ts';
import { until } from '../house/until.ts';
import { ownText } from '../house/views.ts';
import * as acts from '../house/xmpp-acts.ts';
import { ANNA, openScene, type Scene } from './scene.ts';

const REPLACE = 'urn:xmpp:message-correct:0';
const RETRACT = 'urn:xmpp:message-retract:1';
const UNSTYLED = 'urn:xmpp:styling:0';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.house.close());

/** Signs that mean something in one dialect or another, and nothing here. */
const SIGNS: readonly string[] = [
  '*not bold* and _not italic_ and ~not struck~ and `not code`',
  '**not bold** and __neither__ and ~~nor this~~',
  '<b>x</b> &amp; <script>alert("1")</script> &lt;',
  '<mx-reply>no reply</mx-reply> here',
  '# no heading',
  '1. no list\n2. at all\n- nor this\n* nor that',
  '[no link](https://example.org/x) and <https://example.org/y>',
  '| no | table |\n|----|-------|\n| 1 | 2 |',
  'a \\*backslash\\* and \\n and %s and $x and {{y}}',
  ':no_emoji: and :) and ;-)',
  '/mee too, and / alone',
  '@nobody, #nothing, !nowhere and xmpp:a@b/c',
  'quotes \' and " and ` and ´ and ]]>',
  'two  blanks, three   blanks',
];

describe('plain words from Matrix', () => {
  it.each([...SIGNS, '> no quote\nbut words', '>no quote either', '```\nno code\n```', '```no code at all'])(
    '%j',
    async (text) => {
      await scene.anna.say(scene.room.matrix, text);
      const stanza = await scene.eyes.readsXmpp(text);
      // Where a client would style it, it is told not to.
      if (/(?:^|\s)[*_~`]not|^>|^```/m.test(text))
        expect(stanza.getChild('unstyled', UNSTYLED)).toBeDefined();
    },
  );

  it('that look like an action are none', async () => {
    await scene.anna.say(scene.room.matrix, '/me is no action');
    const stanza = await scene.eyes.onXmpp('it', (one) => bodyOf(one).includes('me is no action'));
    expect(bodyOf(stanza)).not.toMatch(/^\/me /);
    expect(bodyOf(stanza).replace(/\u2060/gu, '')).toBe('/me is no action');
  });

  it('beside formatted ones', async () => {
    const content = matrix.html('x', '<strong>bold</strong>, *not bold*, &lt;b&gt;, &gt; no quote');
    await scene.anna.send(scene.room.matrix, 'm.room.message', content);
    const stanza = await scene.eyes.onXmpp('it', (one) => bodyOf(one).includes('not bold*, <b>'));
    expect(bodyOf(stanza).replace(/\u2060/gu, '')).toBe('*bold*, *not bold*, <b>, > no quote');
    expect(bodyOf(stanza)).not.toMatch(/(?:^| )\*not/);
  });
});

describe('plain words from XMPP', () => {
  /** What Bosse says, as Matrix has it; Anna may have said the same. */
  async function said(text: string): Promise<SeenEvent> {
    await acts.sayUnstyled(scene.xmpp, 'bosse', scene.room.muc, text);
    return scene.eyes.onMatrix(
      text,
      ({ sender, content }) => sender === scene.ghosts.bosse && content.body === text,
    );
  }

  it.each(SIGNS)('%j', async (text) => {
    const { content } = await said(text);
    // HTML only for links, and then the signs mean themselves.
    const html = String(content.formatted_body ?? '');
    expect(html.replace(/<\/?(?:a|br|p)\b[^>]*>/g, '')).not.toMatch(/<[a-z]/i);
    expect(content['m.mentions']).toEqual({});
  });

  it.each(['> no quote\nbut words', '```\nno code\n```'])('%j', async (text) => {
    const { content } = await said(text);
    expect(String(content.formatted_body ?? '')).not.toMatch(/<(?:blockquote|pre|code)/);
  });

  it('that stand beside styled ones', async () => {
    await scene.xmpp.say('bosse', scene.room.muc, '*bold*, <i>not italic</i> & &lt;');
    const { content } = await scene.eyes.readsMatrix('bold, <i>not italic</i> & &lt;');
    expect(content.formatted_body).toBe('<strong>bold</strong>, &lt;i>not italic&lt;/i> &amp; &amp;lt;');
  });
});

describe('what is no text', () => {
  /** The bridge's stream to the XMPP server was not ended by what it wrote. */
  async function expectStreamAlive(): Promise<void> {
    await scene.eyes.flushed();
    expect(scene.house.hub.log()).not.toMatch(/"network":"msb-xmpp","outcome":"(?:down|connecting)"/);
    expect(await scene.house.prosody.log()).not.toMatch(/not-well-formed/);
  }

  it.each([
    ['controls', 'a\u0001b\u0008c\u000bd\u000ce\u001ff', 'abcdef'],
    ['what is no letter', 'a\ufffeb\uffffc\ufdd0d', 'abcd'],
    ['controls of the second kind', 'a\u0080b\u009fc\u007fd', 'abcd'],
    ['nothing (NUL)', 'x\u0000y\u0000z', 'xyz'],
  ])('%s in words', async (_, text, shown) => {
    await scene.anna.send(scene.room.matrix, 'm.room.message', { msgtype: 'm.text', body: text });
    expect(nickOf(await scene.eyes.readsXmpp(shown))).toBe(ANNA);
    const formatted_body = `<strong>b</strong>${text}`;
    const html = { msgtype: 'm.text', body: 'x', format: 'org.matrix.custom.html', formatted_body };
    await scene.anna.send(scene.room.matrix, 'm.room.message', html);
    await scene.eyes.onXmpp('the formatted one', (one) =>
      bodyOf(one)
        .replace(/[*\u2060\ufffd]/gu, '')
        .startsWith(`b${shown.slice(0, 1)}`),
    );
    await expectStreamAlive();
  });

  it('half a letter, by another homeserver', async () => {
    const { anna, room, house } = scene;
    const halves = { msgtype: 'm.text', body: 'half\ud83d a\udc4b letter\ud83d' };
    await pushMessage(house, room.matrix, anna.id, halves);
    await scene.eyes.readsXmpp('half a letter');
    const formatted_body = '<em>half\ud83d</em> a \udc4bletter';
    const html = { ...halves, format: 'org.matrix.custom.html', formatted_body };
    await pushMessage(house, room.matrix, anna.id, html);
    await scene.eyes.readsXmpp('_half_ a letter');
    await expectStreamAlive();
  });

  it('in a name, a reaction, a file’s name', async () => {
    const { anna, greta, room } = scene;
    const odd = '\u0001\u0008\u001f\ufffe\uffff';
    await matrix.rename(greta, room.matrix, `Gre${odd}ta Berg`);
    await greta.say(room.matrix, 'with an odd name');
    expect(nickOf(await scene.eyes.readsXmpp('with an odd name'))).toBe('Greta Berg (Skatteverket)');
    const first = await scene.fromXmpp(scene.text('odd'));
    await matrix.react(anna, room.matrix, first.matrix, `👍${odd}`);
    const url = 'mxc://localhost/abcdefghijklmnopqrstuvwx';
    await anna.say(room.matrix, `odd${odd}.txt`, { msgtype: 'm.file', url });
    await scene.eyes.onXmpp('the file', (one) => bodyOf(one).includes('odd.txt'));
    await expectStreamAlive();
  });

  it('in a topic does not stop the room', async () => {
    await matrix.state(scene.anna, scene.room.matrix, 'm.room.topic', {
      topic: 'an odd\u0001\ufffe\r\ntopic',
    });
    await until('the subject', () =>
      scene.eyes.xmppNow().some((one) => one.getChildText('subject') === 'an odd\ntopic'),
    );
    await scene.eyes.flushed();
  });

  it('turned round does not turn round what stands behind it', async () => {
    await scene.anna.say(scene.room.matrix, 'a \u202egnihtemos\nand \u2067more');
    const stanza = await scene.eyes.onXmpp('it', (one) => bodyOf(one).includes('gnihtemos'));
    expect(bodyOf(stanza)).toBe('a \u202egnihtemos\u202c\nand \u2067more\u2069');
    await scene.xmpp.say('bosse', scene.room.muc, 'a \u202egnihton\u202c\u202c\nand \u2067more');
    await scene.eyes.readsMatrix('a \u202egnihton\u202c\nand \u2067more\u2069');
  });
});

describe('a very long text', () => {
  /** So many bytes of numbered words, so that a hole or a doubling shows. */
  const longText = (name: string, bytes: number): string => {
    let text = name;
    for (let word = 0; text.length < bytes; word++)
      text += word % 12 === 11 ? `\nwörd${word}` : ` wörd${word}`;
    return text.slice(0, bytes).trimEnd();
  };
  const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

  it('of 70 kB from XMPP crosses whole in parts; its edit and its removal reach all', async () => {
    const { xmpp, room, ghosts } = scene;
    const parts = async (since: string, last: string) => {
      let found = await scene.eyes.matrixNow();
      const begin = (text: string) => found.findIndex(({ content }) => bodyIn(content).startsWith(text));
      const end = (text: string) => found.findIndex(({ content }) => bodyIn(content).endsWith(text));
      await until('all parts', async () => {
        found = await scene.eyes.matrixNow();
        return begin(since) >= 0 && end(last) >= 0;
      });
      return found.slice(begin(since), end(last) + 1).filter(({ sender }) => sender === ghosts.bosse);
    };
    const text = longText('long-x', 70_000);
    const stamped = await xmpp.say('bosse', room.muc, text);
    const sent = await parts('long-x ', text.slice(-20));
    expect(sent.length).toBeGreaterThan(1);
    expect(sent.flatMap(({ content }) => words(bodyIn(content)))).toEqual(words(text));

    const shorter = longText('edited-x', 30_000);
    await xmpp.edit('bosse', room.muc, stamped, shorter);
    await until('the parts are edited', async () => {
      const now = (await scene.eyes.matrixNow()).filter(
        (event) => relationIn(event).rel_type === 'm.replace',
      );
      const edits = sent.map(({ event_id }) => now.find((event) => relationIn(event).event_id === event_id));
      const said = edits.flatMap((event) => (event === undefined ? [] : words(freshIn(event.content))));
      return JSON.stringify(said) === JSON.stringify(words(shorter));
    });
    const [surplus] = sent.slice(-1);
    expect(sent.length).toBeGreaterThan(2);
    await scene.eyes.goneOnMatrix(surplus?.event_id ?? '');
    await xmpp.retract('bosse', room.muc, stamped.stanzaId);
    for (const { event_id } of sent) await scene.eyes.goneOnMatrix(event_id);
  });

  it('of 60 kB from Matrix crosses whole in parts; its edit and its removal reach all', async () => {
    const { anna, room } = scene;
    const said = () => scene.eyes.xmppNow().filter((one) => nickOf(one) === ANNA);
    const text = longText('long-m', 55_000);
    const first = await anna.say(room.matrix, text);
    const parts = () => {
      const all = said();
      const begin = all.findIndex((one) => bodyOf(one).startsWith('long-m '));
      const end = all.findIndex((one) => bodyOf(one).endsWith(text.slice(-20)));
      return begin < 0 || end < 0 ? [] : all.slice(begin, end + 1);
    };
    await until('all parts', () => parts().length > 1);
    const sent = parts();
    expect(sent.flatMap((one) => words(bodyOf(one)))).toEqual(words(text));

    const shorter = longText('edited-m', 14_000);
    await matrix.edit(anna, room.matrix, first, shorter);
    const replaced = (id: unknown) => said().find((one) => one.getChild('replace', REPLACE)?.attrs.id === id);
    await until('the parts are edited', () => {
      const edits = sent.map(({ attrs }) => replaced(attrs.id));
      const now = edits.flatMap((one) => (one === undefined ? [] : words(ownText(one))));
      return JSON.stringify(now) === JSON.stringify(words(shorter));
    });
    await matrix.redact(anna, room.matrix, first);
    const ids = sent.map((one) => one.getChild('stanza-id')?.attrs.id);
    await until('all parts are gone', () => {
      const gone = said().map((one) => one.getChild('retract', RETRACT)?.attrs.id);
      return ids.every((id) => gone.includes(id));
    });
  });

  it('killed no stream and left no dead letter', async () => {
    await scene.eyes.flushed();
    expect(await metric(scene.house, 'brygga_dead_letters_total')).toBe(0);
  });
});

const bodyIn = (content: Readonly<Record<string, unknown>>): string => String(content.body ?? '');
const freshIn = (content: Readonly<Record<string, unknown>>): string =>
  String((content['m.new_content'] as { readonly body?: string } | undefined)?.body ?? '');
