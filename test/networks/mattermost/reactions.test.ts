import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BLANK } from './images.ts';
import { Stand } from './stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.start();
});
afterAll(() => stand.stop());

const react = (post_id: string, emoji_name: string, user_id = stand.bot.id): Promise<string> =>
  stand.bot.rest.refused('POST', '/reactions', { user_id, post_id, emoji_name });
const fresh = async () => stand.post(stand.bot, await stand.channel(), 'react to this');

describe('a reaction', () => {
  it('is told before it is answered, and a repeat is a success that is told again', async () => {
    const post = await fresh();
    const listener = await stand.listen();
    for (const _ of [1, 2]) expect(await react(post.id, 'thumbsup')).toContain('200');
    expect(listener.of('reaction_added')).toHaveLength(2);
    expect(JSON.parse(String(listener.of('reaction_added')[0]?.data.reaction))).toMatchObject({
      user_id: stand.bot.id,
      post_id: post.id,
      emoji_name: 'thumbsup',
      channel_id: post.channel_id,
    });
    expect(stand.server.reactions(post.id)).toHaveLength(1);
  });

  it('keeps the name it was sent with: an alias is another reaction', async () => {
    const post = await fresh();
    await react(post.id, 'thumbsup');
    await react(post.id, '+1');
    expect(stand.server.reactions(post.id).map(({ emoji_name }) => emoji_name)).toEqual(['thumbsup', '+1']);
  });

  it.each(['wave_dark_skin_tone', 'flag-at', 'white_check_mark'])(
    '%s is known to the server',
    async (name) => {
      expect(await react((await fresh()).id, name)).toContain('200');
    },
  );

  it('with an unknown emoji is 404, until somebody makes it', async () => {
    const post = await fresh();
    expect(await react(post.id, 'herring')).toBe('404 app.emoji.get_by_name.no_result');
    const form = new FormData();
    form.append('emoji', JSON.stringify({ name: 'herring' }));
    form.append('image', new Blob([new Uint8Array(BLANK)]), 'herring.png');
    await stand.bot.rest.must('POST', '/emoji', { raw: form });
    expect(await react(post.id, 'herring')).toContain('200');
  });

  it('is only for oneself, and of a known shape', async () => {
    const post = await fresh();
    expect(await react(post.id, 'tada', stand.admin.id)).toBe(
      '403 api.reaction.save_reaction.user_id.app_error',
    );
    expect(await react(post.id, '')).toBe('400 api.reaction.save_reaction.invalid.app_error');
    expect(await react('a'.repeat(26), 'tada')).toBe('403 api.context.permissions.app_error');
  });

  it('of one kind too many is refused, of a kind that is there not', async () => {
    const post = await fresh();
    stand.server.settings.UniqueEmojiReactionLimitPerPost = 2;
    await react(post.id, 'one');
    await react(post.id, 'two');
    const answers = [await react(post.id, 'three'), await react(post.id, 'two')];
    stand.server.settings.UniqueEmojiReactionLimitPerPost = 50;
    expect(answers[0]).toBe('400 app.reaction.save.save.too_many_reactions');
    expect(answers[1]).toContain('200');
  });

  it('is removed with success though it was not there, and the channel stands in the broadcast only', async () => {
    const post = await fresh();
    const listener = await stand.listen();
    await stand.bot.rest.must('DELETE', `/users/me/posts/${post.id}/reactions/tada`);
    const [removed] = listener.of('reaction_removed');
    expect(JSON.parse(String(removed?.data.reaction))).toMatchObject({ emoji_name: 'tada', channel_id: '' });
    expect(removed?.broadcast.channel_id).toBe(post.channel_id);
    expect(await stand.bot.rest.must('GET', `/posts/${post.id}/reactions`)).toBeNull();
  });
});

describe('the case of a name', () => {
  it('counts before 11.10, and not from then on', async () => {
    expect(await react((await fresh()).id, 'Tada')).toBe('404 app.emoji.get_by_name.no_result');
    const newer = await Stand.start({ version: '11.10' });
    const post = await newer.post(newer.bot, await newer.channel(), 'a');
    const reaction = { user_id: newer.bot.id, post_id: post.id, emoji_name: 'Tada' };
    await newer.bot.rest.must('POST', '/reactions', reaction);
    expect(newer.server.reactions(post.id).map(({ emoji_name }) => emoji_name)).toEqual(['tada']);
    await newer.stop();
  });
});
