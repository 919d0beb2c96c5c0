import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from './client.ts';
import { Stand } from './stand.ts';

interface List {
  readonly order: readonly string[];
  readonly posts: Readonly<Record<string, Row>>;
  readonly next_post_id: string;
  readonly prev_post_id: string;
}

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.start();
});
afterAll(() => stand.stop());

const list = (channel: Row, query: string, by = stand.bot): Promise<List> =>
  by.rest.must<List>('GET', `/channels/${channel.id}/posts?${query}`);
const since = (channel: Row, at: number): Promise<List> => list(channel, `since=${at}`);
const messages = ({ order, posts }: List): unknown[] =>
  order
    .map((id) => posts[id])
    .filter((post) => !String(post?.type).startsWith('system_'))
    .map((post) => post?.message);

/** Posts some, each a millisecond later than the one before. */
async function postMany(channel: Row, count: number): Promise<Row[]> {
  const made: Row[] = [];
  for (let at = 0; at < count; at += 1) {
    await stand.clock.advance(1);
    made.push(await stand.post(stand.bot, channel, `m${at}`));
  }
  return made;
}

/** Posts many in the same millisecond, some at a time. */
async function postAtOnce(channel: Row, count: number): Promise<void> {
  for (let at = 0; at < count; at += 25) {
    const some = Array.from({ length: Math.min(25, count - at) }, (_, one) => `m${at + one}`);
    await Promise.all(some.map((message) => stand.post(stand.bot, channel, message)));
  }
}

describe('a list with since', () => {
  it('shows what changed later, and not what changed at that moment', async () => {
    const channel = await stand.channel();
    const [first] = await postMany(channel, 3);
    const later = await since(channel, Number(first?.update_at));
    expect(messages(later)).toEqual(['m2', 'm1']);
    expect(Object.keys(later.posts)).not.toContain(first?.id);
  });

  it('shows tombstones without their text, and rows of the edit history', async () => {
    const channel = await stand.channel();
    const [edited, deleted] = await postMany(channel, 2);
    const start = stand.clock.now();
    await stand.clock.advance(1);
    await stand.bot.rest.must('PUT', `/posts/${edited?.id}/patch`, { message: 'new' });
    await stand.bot.rest.must('DELETE', `/posts/${deleted?.id}`);
    const { order, posts } = await since(channel, start);
    const rows = order
      .map((id) => posts[id])
      .map((post) => [post?.message, post?.original_id, Number(post?.delete_at) > 0]);
    expect(rows).toHaveLength(3);
    expect(rows).toEqual(
      expect.arrayContaining([
        ['new', '', false],
        ['', edited?.id, true],
        ['', '', true],
      ]),
    );
  });

  it('shows a root again when it is answered, its answer deleted, or reacted to', async () => {
    const channel = await stand.channel();
    const [root, other] = await postMany(channel, 2);
    const start = stand.clock.now();
    await stand.clock.advance(1);
    const reply = await stand.post(stand.bot, channel, 'reply', { root_id: root?.id });
    expect(messages(await since(channel, start))).toEqual(expect.arrayContaining(['m0', 'reply']));
    await stand.clock.advance(1);
    await stand.bot.rest.must('DELETE', `/posts/${reply.id}`);
    expect(messages(await since(channel, stand.clock.now() - 1)).sort()).toEqual(['', 'm0']);
    const reaction = { user_id: stand.bot.id, post_id: other?.id, emoji_name: 'tada' };
    await stand.bot.rest.must('POST', '/reactions', reaction);
    const { order, posts } = await since(channel, start);
    expect(order).toContain(root?.id);
    expect(posts[root?.id ?? '']).toMatchObject({ edit_at: 0, delete_at: 0 });
    expect(posts[other?.id ?? '']?.metadata).toMatchObject({ reactions: [{ emoji_name: 'tada' }] });
  });

  it('brings roots of replies among the posts, but not in the order', async () => {
    const channel = await stand.channel();
    const [root] = await postMany(channel, 1);
    await stand.clock.advance(1);
    const reply = await stand.post(stand.bot, channel, 'reply', { root_id: root?.id });
    const start = stand.clock.now();
    await stand.clock.advance(1);
    const reaction = { user_id: stand.bot.id, post_id: reply.id, emoji_name: 'tada' };
    await stand.bot.rest.must('POST', '/reactions', reaction);
    const { order, posts } = await since(channel, start);
    expect(order).toEqual([reply.id]);
    expect(Object.keys(posts).sort()).toEqual([root?.id, reply.id].sort());
  });

  it('shows an arbitrary thousand when there are more, and says nothing', async () => {
    const channel = await stand.channel();
    const start = stand.clock.now() - 1;
    await postAtOnce(channel, 1050);
    const [first, second] = [await since(channel, start), await since(channel, start)];
    expect([first.order.length, second.order.length]).toEqual([1000, 1000]);
    expect(new Set(first.order)).not.toEqual(new Set(second.order));
  });

  it('may come from a replica that is behind', async () => {
    const channel = await stand.channel();
    const start = stand.clock.now();
    await postMany(channel, 1);
    stand.server.faults.replicaLagMs = 2000;
    expect(messages(await since(channel, start))).toEqual([]);
    await stand.clock.advance(2000);
    expect(messages(await since(channel, start))).toEqual(['m0']);
    stand.server.faults.clear();
  });

  it('with collapsed threads shows roots only, and no deleted ones', async () => {
    const channel = await stand.channel();
    const start = stand.clock.now();
    const [root, gone] = await postMany(channel, 2);
    await stand.post(stand.bot, channel, 'reply', { root_id: root?.id });
    await stand.bot.rest.must('DELETE', `/posts/${gone?.id}`);
    const { order } = await list(channel, `since=${start}&collapsedThreads=true`);
    expect(order).toEqual([root?.id]);
  });
});

describe('pages', () => {
  it('come newest first, 60 by default, and above 200 are cut without a word', async () => {
    const channel = await stand.channel();
    await postAtOnce(channel, 205);
    await stand.clock.advance(1);
    await stand.post(stand.bot, channel, 'last');
    expect((await list(channel, '')).order).toHaveLength(60);
    const long = await list(channel, 'per_page=1000');
    expect([long.order.length, messages(long)[0]]).toEqual([200, 'last']);
  });

  it('after and before an anchor lose the posts of its millisecond', async () => {
    const channel = await stand.channel();
    const [before] = await postMany(channel, 1);
    await stand.clock.advance(1);
    const anchor = await stand.post(stand.bot, channel, 'anchor');
    await stand.post(stand.bot, channel, 'twin');
    await stand.clock.advance(1);
    await stand.post(stand.bot, channel, 'after');
    const after = await list(channel, `after=${anchor.id}`);
    expect([messages(after), after.prev_post_id]).toEqual([['after'], anchor.id]);
    const older = await list(channel, `before=${anchor.id}&per_page=1`);
    expect([older.order, older.next_post_id]).toEqual([[before?.id], anchor.id]);
  });

  it('show deleted posts to administrators who ask', async () => {
    const channel = await stand.channel();
    const [post] = await postMany(channel, 1);
    await stand.bot.rest.must('DELETE', `/posts/${post?.id}`);
    expect((await list(channel, '')).order).not.toContain(post?.id);
    expect((await list(channel, 'include_deleted=true', stand.admin)).order).toContain(post?.id);
    const path = `/channels/${channel.id}/posts?include_deleted=true`;
    expect(await stand.bot.rest.refused('GET', path)).toBe('403 api.context.permissions.app_error');
  });

  it('bring whole threads unless told otherwise', async () => {
    const channel = await stand.channel();
    const [root] = await postMany(channel, 1);
    const reply = await stand.post(stand.bot, channel, 'reply', { root_id: root?.id });
    await postMany(channel, 1);
    expect(Object.keys((await list(channel, 'per_page=1')).posts)).toHaveLength(1);
    const whole = await stand.bot.rest.must<List>('GET', `/posts/${reply.id}/thread`);
    // The one asked for comes first, whatever it is.
    expect(whole.order).toEqual([reply.id, root?.id]);
    expect(whole.posts[root?.id ?? '']?.reply_count).toBe(1);
    const counted = async (query: string) => (await list(channel, query)).posts[root?.id ?? '']?.reply_count;
    expect([await counted(''), await counted('skipFetchThreads=true')]).toEqual([0, 1]);
  });
});

describe('posts by ids', () => {
  it('include deleted ones, leave out unknown ones, and are 404 when none is known', async () => {
    const [post] = await postMany(await stand.channel(), 1);
    await stand.bot.rest.must('DELETE', `/posts/${post?.id}`);
    const unknown = 'd'.repeat(26);
    const found = await stand.bot.rest.must<Row[]>('POST', '/posts/ids', [post?.id, unknown]);
    expect(found.map(({ id, message }) => [id, message])).toEqual([[post?.id, '']]);
    expect(await stand.bot.rest.refused('POST', '/posts/ids', [unknown])).toBe('404 app.post.get.app_error');
    const many = Array.from({ length: 1001 }, (_, at) => String(at).padStart(26, '0'));
    const tooMany = '400 api.post.posts_by_ids.invalid_body.request_error';
    expect(await stand.bot.rest.refused('POST', '/posts/ids', many)).toBe(tooMany);
  });
});
