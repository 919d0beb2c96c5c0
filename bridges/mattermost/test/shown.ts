import { type Body, type Inline, type NativeId, nativeId } from '@brygga/event';
import type { SeenMessage } from '@brygga/testkit';
import { bodyFromMarkdown, features, mapLeaves, plainText } from '@brygga/text';
import type { RestClient } from '../../../test/networks/mattermost/client.ts';
import { emojiOf } from '../src/emoji.ts';
import { Post } from '../src/native.ts';

/** `**Name**: words`: the name that stands in the text, and the words. */
function nameLine(body: Body): { name: string; body: Body } | null {
  const [first, ...rest] = body.children;
  const [name, colon, ...words] = first?.type === 'paragraph' ? first.children : [];
  if (name?.type !== 'strong' || colon?.type !== 'text') return null;
  const children: Inline[] = [{ type: 'text', value: colon.value.replace(/^: ?/, '') }, ...words];
  return {
    name: plainText({ type: 'root', children: [{ type: 'paragraph', children: name.children }] }),
    body: { type: 'root', children: [{ type: 'paragraph', children }, ...rest] },
  };
}

interface Listed {
  readonly order: readonly string[];
  readonly posts: Readonly<Record<string, unknown>>;
}

const PAGE = 200;

/** Everything in a channel, oldest first. */
async function historyOf(rest: RestClient, channel: string): Promise<Post[]> {
  const posts: Post[] = [];
  for (let page = 0; ; page += 1) {
    const path = `/channels/${channel}/posts?page=${page}&per_page=${PAGE}`;
    const { order, posts: rows } = await rest.must<Listed>('GET', path);
    posts.unshift(...order.map((id) => Post.parse(rows[id])).reverse());
    if (order.length < PAGE) return posts.filter(({ type }) => !type.startsWith('system_'));
  }
}

/** A client, as far as people can see: it shows a channel's posts with their names, after all edits and removals. */
export async function shown(rest: RestClient, channel: string, bot: string): Promise<SeenMessage[]> {
  const posts = await historyOf(rest, channel);
  const reactors = posts.flatMap(({ metadata }) => metadata?.reactions ?? []).map(({ user_id }) => user_id);
  const users = [...new Set([...posts.map(({ user_id }) => user_id), ...reactors])];
  const rows = await rest.must<{ id: string; username: string }[]>('POST', '/users/ids', users);
  const names = new Map([...rows.map(({ id, username }) => [id, username] as const), [bot, 'bridge']]);
  const nameOf = (user: string): string => names.get(user) ?? user;
  return posts.map((post): SeenMessage => {
    // The bridge puts it behind signs that would mean something, and between marks.
    const whole = mapLeaves(bodyFromMarkdown(post.message), (leaf) =>
      leaf.type === 'text' ? [{ ...leaf, value: leaf.value.replace(/(?<=[@~:&])\u200b/g, '') }] : [leaf],
    );
    const line = post.user_id === bot ? nameLine(whole) : null;
    const body = line?.body ?? whole;
    const reactions: Record<string, string[]> = {};
    for (const { emoji_name, user_id } of post.metadata?.reactions ?? []) {
      const emoji = emojiOf(emoji_name) ?? `:${emoji_name}:`;
      reactions[emoji] = [...(reactions[emoji] ?? []), nameOf(user_id)];
    }
    const root: NativeId | null = post.root_id === '' ? null : nativeId(post.root_id);
    return {
      ids: [nativeId(post.id)],
      author: line?.name ?? nameOf(post.user_id),
      text: plainText(body),
      features: [
        ...features(body),
        ...(/(?<!\w)@(?:all|here|channel)\b/.test(post.message) ? ['mentionRoom'] : []),
        ...(/(?<!\w)@[a-z]/.test(post.message) ? ['mentionPerson'] : []),
        ...(/:[a-z0-9_+-]+:/.test(post.message) ? ['customEmoji'] : []),
      ],
      edited: post.edit_at > 0,
      deleted: false,
      reactions,
      replyTo: root,
      thread: root,
    };
  });
}
