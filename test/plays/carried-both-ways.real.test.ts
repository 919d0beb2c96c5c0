import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, nickOf } from '../house/eyes.ts';
import * as matrix from '../house/matrix-acts.ts';
import { ownText } from '../house/views.ts';
import * as acts from '../house/xmpp-acts.ts';
import { FROM_MATRIX, FROM_XMPP } from './formatting.ts';
import { ANNA, BOSSE, GRETA, openScene, type Scene } from './scene.ts';

const REPLY = 'urn:xmpp:reply:0';
const REPLACE = 'urn:xmpp:message-correct:0';
const RETRACT = 'urn:xmpp:message-retract:1';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.house.close());

const profileOf = async (user: string): Promise<unknown> =>
  (await scene.anna.call('GET', `/v3/profile/${encodeURIComponent(user)}`)).displayname;

describe('words', () => {
  it('cross as they are, with the name and the organisation', async () => {
    const [there, back] = ['Hej på dig, 世界 👋🏽', 'Tack, detsamma: ½ + ½ = 1'];
    await scene.anna.say(scene.room.matrix, there);
    expect(nickOf(await scene.eyes.readsXmpp(there))).toBe(ANNA);
    await scene.xmpp.say('bosse', scene.room.muc, back);
    const { sender, content } = await scene.eyes.readsMatrix(back);
    expect(await profileOf(sender)).toBe(BOSSE);
    expect(content).toMatchObject({ msgtype: 'm.text', 'm.mentions': {} });
    expect(content.formatted_body).toBeUndefined();
  });

  it('keep their lines and empty lines', async () => {
    const text = 'first\nsecond\n\nfourth';
    await scene.fromMatrix(text);
    const { matrix: id } = await scene.fromXmpp(`again ${text}`);
    expect((await scene.eyes.onMatrix(id, ({ event_id }) => event_id === id)).content.body).toBe(
      `again ${text}`,
    );
  });

  it.each(FROM_MATRIX)('from Matrix: $what', async ({ html, body }) => {
    await scene.anna.send(scene.room.matrix, 'm.room.message', matrix.html('fallback', html));
    expect(nickOf(await scene.eyes.readsXmpp(body))).toBe(ANNA);
  });

  it.each(FROM_XMPP)('from XMPP: $what', async ({ body, plain, html }) => {
    await scene.xmpp.say('bosse', scene.room.muc, body);
    const { content } = await scene.eyes.readsMatrix(plain);
    expect(content.formatted_body ?? null).toEqual(html);
  });

  it('of an action stay one', async () => {
    await scene.anna.say(scene.room.matrix, 'waves there', { msgtype: 'm.emote' });
    await scene.eyes.readsXmpp('/me waves there');
    await scene.xmpp.say('bosse', scene.room.muc, '/me waves back');
    expect((await scene.eyes.readsMatrix('waves back')).content.msgtype).toBe('m.emote');
  });

  it('of a machine cross as a message', async () => {
    await scene.anna.say(scene.room.matrix, 'backup done', { msgtype: 'm.notice' });
    expect(nickOf(await scene.eyes.readsXmpp('backup done'))).toBe(ANNA);
  });
});

describe('an answer from Matrix', () => {
  /** What XMPP shows of an answer to `first`: the reply, and the quote for clients that know none. */
  async function expectAnswer(text: string, first: { stanzaId: string; nick: string; said: string }) {
    const stanza = await scene.eyes.readsXmpp(text);
    const reply = stanza.getChild('reply', REPLY);
    expect(reply?.attrs).toMatchObject({ id: first.stanzaId, to: `${scene.room.muc}/${first.nick}` });
    expect(bodyOf(stanza)).toBe(`> ${first.nick}: ${first.said}\n${text}`);
    expect(ownText(stanza)).toBe(text);
  }

  it('to a message of its own side', async () => {
    const said = scene.text('asked there 👋🏽');
    const first = await scene.fromMatrix(said);
    await matrix.reply(scene.greta, scene.room.matrix, first.matrix, 'answered there');
    await expectAnswer('answered there', { stanzaId: first.xmpp.stanzaId, nick: ANNA, said });
  });

  it('to a message of the other side', async () => {
    const said = scene.text('asked here');
    const first = await scene.fromXmpp(said);
    await matrix.reply(scene.anna, scene.room.matrix, first.matrix, 'answered from there');
    await expectAnswer('answered from there', { stanzaId: first.xmpp.stanzaId, nick: 'Bosse', said });
  });

  it('by an old client, which repeats what it answers', async () => {
    const said = scene.text('asked here');
    const first = await scene.fromXmpp(said);
    const link = 'https://matrix.to/#/';
    const quote = `<mx-reply><blockquote><a href="${link}!r/$e">In reply to</a> ${said}</blockquote></mx-reply>`;
    const old = matrix.html(`> <${scene.ghosts.bosse}> ${said}\n\nanswered as of old`, '');
    const content = { ...old, formatted_body: `${quote}answered <em>as of old</em>` };
    await matrix.reply(scene.anna, scene.room.matrix, first.matrix, '', content);
    const nick = 'Bosse';
    await expectAnswer('answered _as of old_', { stanzaId: first.xmpp.stanzaId, nick, said });
    const plain = `> <${scene.ghosts.bosse}> ${said}\n\nanswered plainly`;
    await matrix.reply(scene.anna, scene.room.matrix, first.matrix, plain);
    await expectAnswer('answered plainly', { stanzaId: first.xmpp.stanzaId, nick, said });
  });
});

describe('an answer from XMPP', () => {
  async function expectAnswer(text: string, first: string, calls: readonly string[] | undefined) {
    const { content } = await scene.eyes.readsMatrix(text);
    expect(content['m.relates_to']).toEqual({ 'm.in_reply_to': { event_id: first } });
    expect((content['m.mentions'] as { user_ids?: string[] }).user_ids).toEqual(calls);
  }

  it('to a message of its own side, without a quote', async () => {
    const first = await scene.fromXmpp(scene.text('asked here'));
    const to = { stanzaId: first.xmpp.stanzaId, from: `${scene.room.muc}/Bosse` };
    await scene.xmpp.reply('cilla', scene.room.muc, to, 'answered here');
    await expectAnswer('answered here', first.matrix, undefined);
  });

  it('to a message of the other side, with a quote: calls its author', async () => {
    const said = scene.text('asked there 👋🏽');
    const first = await scene.fromMatrix(said);
    const to = { stanzaId: first.xmpp.stanzaId, from: `${scene.room.muc}/${ANNA}` };
    const quote = `> ${ANNA} wrote:\n> ${said}\n`;
    await acts.replyWithQuote(scene.xmpp, 'bosse', scene.room.muc, to, quote, 'answered 👍 with');
    await expectAnswer('answered 👍 with', first.matrix, [scene.anna.id]);
  });

  it('that names the sender’s own id, as some clients do', async () => {
    const first = await scene.fromXmpp(scene.text('asked here'));
    const to = { stanzaId: first.xmpp.id, from: `${scene.room.muc}/Bosse` };
    await scene.xmpp.reply('cilla', scene.room.muc, to, 'answered by own id');
    await expectAnswer('answered by own id', first.matrix, undefined);
  });
});

describe('a thread', () => {
  it('begun on Matrix goes on from both sides', async () => {
    const root = await scene.fromMatrix(scene.text('a thread there'));
    const second = await matrix.inThread(scene.greta, scene.room.matrix, root.matrix, root.matrix, 'second');
    const thread = (await scene.eyes.readsXmpp('second')).getChildText('thread') ?? '';
    expect(thread).not.toBe('');
    await acts.sayInThread(scene.xmpp, 'bosse', scene.room.muc, thread, 'third');
    expect((await scene.eyes.readsMatrix('third')).content['m.relates_to']).toEqual({
      rel_type: 'm.thread',
      event_id: root.matrix,
      is_falling_back: true,
      'm.in_reply_to': { event_id: second },
    });
  });

  it('begun on XMPP goes on from both sides', async () => {
    const { muc } = scene.room;
    const said = scene.text('a thread here');
    await acts.sayInThread(scene.xmpp, 'bosse', muc, 'T-1', said);
    await acts.sayInThread(scene.xmpp, 'cilla', muc, 'T-1', 'fourth');
    const root = (await scene.eyes.readsMatrix(said)).event_id;
    const fourth = await scene.eyes.readsMatrix('fourth');
    expect(fourth.content['m.relates_to']).toMatchObject({ rel_type: 'm.thread', event_id: root });
    await matrix.inThread(scene.anna, scene.room.matrix, root, fourth.event_id, 'fifth');
    expect((await scene.eyes.readsXmpp('fifth')).getChildText('thread')).toBe('T-1');
  });
});

describe('an edit', () => {
  it('from Matrix, and another of the same message', async () => {
    const first = await scene.fromMatrix(scene.text('tpyo'));
    for (const text of ['typo mended', 'typo mended *twice*']) {
      await matrix.edit(scene.anna, scene.room.matrix, first.matrix, text);
      const stanza = await scene.eyes.readsXmpp(text);
      expect(nickOf(stanza)).toBe(ANNA);
      // XEP-0308 §3: always the first version, by the sender's own id.
      expect(stanza.getChild('replace', REPLACE)?.attrs.id).toBe(first.xmpp.id);
      expect(stanza.attrs.id).not.toBe(first.xmpp.id);
    }
  });

  it('from XMPP, and another of the same message', async () => {
    const first = await scene.fromXmpp(scene.text('tpyo'));
    const bold = ['here mended *well*', 'here mended well'] as const;
    for (const [text, plain] of [['here mended', 'here mended'], bold] as const) {
      await scene.xmpp.edit('bosse', scene.room.muc, first.xmpp, text);
      const event = await scene.eyes.editOnMatrix(first.matrix, plain);
      expect(event.sender).toBe(scene.ghosts.bosse);
      expect(event.content.body).toBe(`* ${plain}`);
    }
  });

  it('with formatting is formatted on the other side', async () => {
    const first = await scene.fromMatrix(scene.text('plain'));
    const fresh = matrix.html('in bold', 'in <strong>bold</strong>');
    await scene.anna.say(scene.room.matrix, '* in bold', {
      'm.new_content': fresh,
      'm.relates_to': { rel_type: 'm.replace', event_id: first.matrix },
    });
    await scene.eyes.readsXmpp('in *bold*');
  });

  it('is answered, on XMPP, by either version', async () => {
    const first = await scene.fromXmpp(scene.text('first version'));
    const corrected = await scene.xmpp.edit('bosse', scene.room.muc, first.xmpp, 'second version');
    await scene.eyes.editOnMatrix(first.matrix, 'second version');
    const to = { stanzaId: corrected.stanzaId, from: `${scene.room.muc}/Bosse` };
    await scene.xmpp.reply('cilla', scene.room.muc, to, 'to the second version');
    const { content } = await scene.eyes.readsMatrix('to the second version');
    expect(content['m.relates_to']).toEqual({ 'm.in_reply_to': { event_id: first.matrix } });
  });
});

describe('an edit that is answered', () => {
  it('on Matrix, by its own id, is the message', async () => {
    const first = await scene.fromXmpp(scene.text('first version'));
    await scene.xmpp.edit('bosse', scene.room.muc, first.xmpp, 'this version');
    const edited = await scene.eyes.editOnMatrix(first.matrix, 'this version');
    await matrix.reply(scene.anna, scene.room.matrix, edited.event_id, 'to this version');
    const stanza = await scene.eyes.readsXmpp('to this version');
    expect(stanza.getChild('reply', REPLY)?.attrs.id).toBe(first.xmpp.stanzaId);
  });
});

describe('a removal', () => {
  it('by the author, from Matrix', async () => {
    const first = await scene.fromMatrix(scene.text('regretted'));
    await matrix.redact(scene.anna, scene.room.matrix, first.matrix);
    const retraction = await scene.eyes.onXmpp(
      'the retraction',
      (stanza) => stanza.getChild('retract', RETRACT)?.attrs.id === first.xmpp.stanzaId,
    );
    expect(nickOf(retraction)).toBe(ANNA);
  });

  it('by the author, from XMPP', async () => {
    const first = await scene.fromXmpp(scene.text('regretted'));
    await scene.xmpp.retract('bosse', scene.room.muc, first.xmpp.stanzaId);
    await scene.eyes.goneOnMatrix(first.matrix);
  });

  it('by a moderator on Matrix, of a message written there', async () => {
    const first = await scene.fromMatrix(scene.text('rude'), scene.greta);
    await matrix.redact(scene.anna, scene.room.matrix, first.matrix);
    const retraction = await scene.eyes.onXmpp(
      'the retraction',
      (stanza) => stanza.getChild('retract', RETRACT)?.attrs.id === first.xmpp.stanzaId,
    );
    // By whoever may: the ghost that wrote it, or the room itself.
    expect([GRETA, '']).toContain(nickOf(retraction));
  });

  it('by a moderator on Matrix, of a message written on XMPP', async () => {
    const first = await scene.fromXmpp(scene.text('rude'), 'cilla');
    await matrix.redact(scene.anna, scene.room.matrix, first.matrix);
    const removal = await scene.eyes.onXmpp(
      'the room’s removal',
      (stanza) => stanza.getChild('retract', RETRACT)?.attrs.id === first.xmpp.stanzaId,
    );
    expect(nickOf(removal)).toBe('');
    expect(await scene.eyes.archivedText(first.xmpp.stanzaId)).toBeNull();
  });

  it('by a moderator on XMPP, of a message written there', async () => {
    const first = await scene.fromXmpp(scene.text('rude'), 'cilla');
    await acts.moderate(scene.xmpp, 'bosse', scene.room.muc, first.xmpp.stanzaId);
    await scene.eyes.goneOnMatrix(first.matrix);
  });

  it('by a moderator on XMPP, of a message written on Matrix', async () => {
    const first = await scene.fromMatrix(scene.text('rude'), scene.greta);
    await acts.moderate(scene.xmpp, 'bosse', scene.room.muc, first.xmpp.stanzaId);
    await scene.eyes.goneOnMatrix(first.matrix);
  });

  it('reaches a message that was edited', async () => {
    const first = await scene.fromXmpp(scene.text('edited'));
    await scene.xmpp.edit('bosse', scene.room.muc, first.xmpp, 'edited, then regretted');
    await scene.eyes.editOnMatrix(first.matrix, 'edited, then regretted');
    await scene.xmpp.retract('bosse', scene.room.muc, first.xmpp.stanzaId);
    await scene.eyes.goneOnMatrix(first.matrix);
  });
});
