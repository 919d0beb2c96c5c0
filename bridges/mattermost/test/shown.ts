import { type Body, type Inline, type NativeId, nativeId } from '@brygga/event';
import type { SeenMessage } from '@brygga/testkit';
import { bodyFromMarkdown, features, mapLeaves, plainText } from '@brygga/text';
import type { MattermostServer } from '../../../test/networks/mattermost/index.ts';
import { emojiOf } from '../src/emoji.ts';

/** A client, as far as people can see: it shows a channel's posts with their names, after all edits and removals. */

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

export function shown(server: MattermostServer, channel: string, bot: string): SeenMessage[] {
  const nameOf = (user: string): string => (user === bot ? 'bridge' : (server.user(user)?.username ?? user));
  return server.livePosts(channel).map((post): SeenMessage => {
    // The bridge puts it behind signs that would mean something, and between marks.
    const whole = mapLeaves(bodyFromMarkdown(post.message), (leaf) =>
      leaf.type === 'text' ? [{ ...leaf, value: leaf.value.replace(/(?<=[@~:&])\u200b/g, '') }] : [leaf],
    );
    const line = post.user_id === bot ? nameLine(whole) : null;
    const body = line?.body ?? whole;
    const reactions: Record<string, string[]> = {};
    for (const { emoji_name, user_id } of server.reactions(post.id)) {
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
