import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nickOf, relationIn } from '../house/eyes.ts';
import * as matrix from '../house/matrix-acts.ts';
import type { MattermostSide } from '../house/mattermost-side.ts';
import type { MattermostUser, SeenPost } from '../house/mattermost-user.ts';
import { until } from '../house/until.ts';
import { seenOnXmpp } from '../house/views.ts';
import { ANNA, BOSSE, openScene, type Scene } from './scene.ts';

const MAJA = 'Maja Lind (Försäkringskassan)';
const REPLACE = 'urn:xmpp:message-correct:0';
const RETRACT = 'urn:xmpp:message-retract:1';

let scene: Scene;
let side: MattermostSide;
let maja: MattermostUser;
let channel: string;
beforeAll(async () => {
  scene = await openScene({ mattermost: 'nameLine' });
  if (scene.house.mattermost === null) throw new Error('no Mattermost');
  side = scene.house.mattermost;
  ({ maja } = side);
  channel = side.channels[0] ?? '';
});
afterAll(() => scene.house.close());

/** One message as all three know it. */
interface Three {
  readonly matrix: string;
  readonly stanzaId: string;
  readonly xmpp: string;
  readonly post: string;
}

async function fromMaja(text: string, root?: string): Promise<Three> {
  const post = await maja.say(channel, text, root);
  const [event, stanza] = await Promise.all([scene.eyes.readsMatrix(text), scene.eyes.readsXmpp(text)]);
  const stanzaId = String(stanza.getChild('stanza-id', 'urn:xmpp:sid:0')?.attrs.id);
  return { post, matrix: event.event_id, xmpp: String(stanza.attrs.id), stanzaId };
}

async function fromAnna(text: string): Promise<Three> {
  const { matrix: id, xmpp } = await scene.fromMatrix(text);
  const post = await scene.eyes.readsMattermost(text);
  return { matrix: id, xmpp: xmpp.id, stanzaId: xmpp.stanzaId, post: post.id };
}

const post = (id: string, what: string, match: (post: SeenPost) => boolean): Promise<SeenPost> =>
  scene.eyes.onMattermost(what, (one) => one.id === id && match(one));
const gone = (id: string): Promise<void> =>
  until('the post is gone', async () => (await scene.eyes.mattermostNow()).every((one) => one.id !== id));

describe('words', () => {
  it('cross with the name and the organisation of who wrote them', async () => {
    await scene.anna.say(scene.room.matrix, 'Hej på dig, 世界 👋🏽');
    const { message } = await scene.eyes.readsMattermost('Hej på dig, 世界 👋🏽');
    expect(message.startsWith(`**${ANNA}**: `)).toBe(true);
    await scene.xmpp.say('bosse', scene.room.muc, 'Detsamma: ½ + ½ = 1');
    expect((await scene.eyes.readsMattermost('Detsamma: ½ + ½ = 1')).message).toBe(
      `**${BOSSE}**: Detsamma: ½ + ½ = 1`,
    );
    await maja.say(channel, 'Tack 🇸🇪');
    expect(nickOf(await scene.eyes.readsXmpp('Tack 🇸🇪'))).toBe(MAJA);
    const { sender } = await scene.eyes.readsMatrix('Tack 🇸🇪');
    const profile = await scene.anna.call('GET', `/v3/profile/${encodeURIComponent(sender)}`);
    expect(profile.displayname).toBe(MAJA);
  });

  it.each([
    ['**bold** and _slanted_', '*bold* and _slanted_', '<strong>bold</strong> and <em>slanted</em>'],
    ['~~gone~~ `code`', '~gone~ `code`', '<del>gone</del> <code>code</code>'],
  ])('keep their formatting: %s', async (markdown, styled, html) => {
    const plain = markdown.replace(/[*_~`]/g, '');
    await maja.say(channel, markdown);
    await scene.eyes.readsXmpp(styled);
    expect((await scene.eyes.readsMatrix(plain)).content.formatted_body).toBe(html);
    await scene.anna.send(scene.room.matrix, 'm.room.message', matrix.html('fallback', html));
    await scene.eyes.readsMattermost(markdown);
  });
});

describe('an answer', () => {
  it('to a message of Mattermost stands in its thread', async () => {
    const first = await fromMaja(scene.text('who comes?'));
    await matrix.reply(scene.anna, scene.room.matrix, first.matrix, 'I do');
    expect((await scene.eyes.readsMattermost('I do')).root_id).toBe(first.post);
    const to = { stanzaId: first.stanzaId, from: `${scene.room.muc}/${MAJA}` };
    await scene.xmpp.reply('bosse', scene.room.muc, to, 'I do not');
    expect((await scene.eyes.readsMattermost('I do not')).root_id).toBe(first.post);
  });

  it('given in Mattermost is in a thread elsewhere', async () => {
    const first = await fromAnna(scene.text('who comes?'));
    const answer = await fromMaja(scene.text('I shall'), first.post);
    const event = await scene.eyes.onMatrix('it', ({ event_id }) => event_id === answer.matrix);
    expect(relationIn(event)).toMatchObject({ rel_type: 'm.thread', event_id: first.matrix });
    const second = await fromMaja(scene.text('and I'), first.post);
    const threads = scene.eyes
      .xmppNow()
      .filter(({ attrs }) => attrs.id === answer.xmpp || attrs.id === second.xmpp)
      .map((stanza) => stanza.getChildText('thread'));
    expect(new Set(threads).size).toBe(1);
    expect(threads).not.toContain(null);
  });
});

describe('an edit', () => {
  it('from Mattermost', async () => {
    const first = await fromMaja(scene.text('tpyo'));
    await maja.edit(first.post, 'typo mended there');
    await scene.eyes.editOnMatrix(first.matrix, 'typo mended there');
    const stanza = await scene.eyes.readsXmpp('typo mended there');
    expect(stanza.getChild('replace', REPLACE)?.attrs.id).toBe(first.xmpp);
  });

  it('from Matrix, and another of the same message', async () => {
    const first = await fromAnna(scene.text('tpyo'));
    for (const text of ['typo mended here', 'typo mended twice']) {
      await matrix.edit(scene.anna, scene.room.matrix, first.matrix, text);
      await post(first.post, text, ({ message }) => message === `**${ANNA}**: ${text}`);
    }
  });
});

describe('a removal', () => {
  it('in Mattermost, of a root with answers, removes all of them', async () => {
    const first = await fromMaja(scene.text('regretted'));
    const answer = await fromMaja(scene.text('as well'), first.post);
    await maja.remove(first.post);
    for (const { matrix: id, stanzaId } of [first, answer]) {
      await scene.eyes.goneOnMatrix(id);
      await scene.eyes.onXmpp(
        'the retraction',
        (one) => one.getChild('retract', RETRACT)?.attrs.id === stanzaId,
      );
    }
  });

  it('elsewhere, of what was answered in Mattermost, leaves the answers', async () => {
    const first = await fromAnna(scene.text('regretted'));
    const answer = await fromMaja(scene.text('answered'), first.post);
    await matrix.redact(scene.anna, scene.room.matrix, first.matrix);
    await post(first.post, 'its words are gone', ({ message }) => message === '_(removed)_');
    await scene.eyes.flushed();
    const event = await scene.eyes.onMatrix('it', ({ event_id }) => event_id === answer.matrix);
    expect(event.unsigned?.redacted_because).toBeUndefined();
  });

  it('elsewhere, of what was not answered', async () => {
    const first = await fromAnna(scene.text('regretted'));
    await matrix.redact(scene.anna, scene.room.matrix, first.matrix);
    await gone(first.post);
  });
});

describe('reactions', () => {
  it('of three people on three networks come to the same everywhere', async () => {
    const first = await fromMaja(scene.text('agreed?'));
    await matrix.react(scene.anna, scene.room.matrix, first.matrix, '👍');
    await scene.xmpp.react('bosse', scene.room.muc, first.stanzaId, ['👍']);
    await maja.react(first.post, '+1');
    const onMatrix = async (): Promise<number> =>
      (await scene.eyes.matrixNow()).filter(
        ({ type, content, unsigned }) =>
          type === 'm.reaction' &&
          unsigned?.redacted_because === undefined &&
          (content['m.relates_to'] as { event_id?: string }).event_id === first.matrix,
      ).length;
    const onXmpp = async (): Promise<number> => {
      const seen = seenOnXmpp(await scene.xmpp.archive('bosse', scene.room.muc));
      return seen.find(({ id }) => id === first.stanzaId)?.reactions.get('👍')?.size ?? 0;
    };
    const onMattermost = (users: readonly string[]): Promise<SeenPost> =>
      post(first.post, `reactions of ${users.length}`, ({ metadata }) => {
        const now = metadata?.reactions?.map(({ user_id }) => user_id) ?? [];
        return now.length === users.length && users.every((user) => now.includes(user));
      });
    const all = (count: number): Promise<void> =>
      until(`${count} on both`, async () => (await onMatrix()) === count && (await onXmpp()) === count);
    await all(3);
    await onMattermost([maja.id, side.bot.id]);
    await maja.unreact(first.post, '+1');
    await all(2);
    await scene.xmpp.react('bosse', scene.room.muc, first.stanzaId, []);
    await all(1);
    await onMattermost([side.bot.id]);
    const [mine] = (await scene.eyes.matrixNow()).filter(
      ({ type, sender, content }) =>
        type === 'm.reaction' &&
        sender === scene.anna.id &&
        (content['m.relates_to'] as { event_id?: string }).event_id === first.matrix,
    );
    await matrix.redact(scene.anna, scene.room.matrix, mine?.event_id ?? '');
    await all(0);
    await onMattermost([]);
  });
});
