import { Recent } from '@brygga/wire';
import { revisionOf } from './intake.ts';
import type { Post, Reaction } from './native.ts';

/** Posts remembered of a channel, to ask for those that an overlong list has left out. */
const POSTS_MAX = 5000;
const BACK_MAX = 5000;

/** What was handed in last of a post. Times in ms since 1970 on the server's clock. */
export interface PostState {
  /** Tells one text, and the end, from another. */
  readonly version: string;
  readonly editAt: number;
  readonly isGone: boolean;
  /** Who reacts with what, by `reactionKey`, and when that changed last. */
  readonly reactions: ReadonlySet<string>;
  readonly updateAt: number;
}

export const reactionKey = ({ user_id, emoji_name }: Pick<Reaction, 'user_id' | 'emoji_name'>): string =>
  `${user_id} ${emoji_name}`;

/** The state in which a list, or an event, shows a post of which that was known. */
export function stateOf(post: Post, known: PostState | undefined): PostState {
  const isGone = post.delete_at > 0;
  return {
    version: `${revisionOf(post)} ${isGone}`,
    editAt: post.edit_at,
    isGone,
    reactions: known?.reactions ?? new Set(),
    updateAt: Math.max(post.update_at, known?.updateAt ?? 0),
  };
}

/**
 * Whether that shows a post as it was before what was handed in: events wait while a newer list is read. Times of edits
 * alone are compared: all else may change on another node of the server, whose clock differs by a little. An end is
 * final, and the event of one shows the post as it was before.
 */
export const isOutdated = (post: Post, known: PostState): boolean =>
  post.delete_at === 0 && (known.isGone || post.edit_at < known.editAt);

/** The posts of one channel that were handed in, and how often somebody took a reaction back. */
export class SeenPosts {
  readonly #states = new Recent<PostState>(POSTS_MAX);
  readonly #back = new Recent<number>(BACK_MAX);

  get(id: string): PostState | undefined {
    return this.#states.get(id);
  }

  set(id: string, state: PostState): void {
    this.#states.set(id, state);
  }

  ids(): string[] {
    return [...this.#states.keys()];
  }

  /** A reaction was handed in, or (`on` false) that it was taken back. */
  reacted(reaction: Reaction, on: boolean): void {
    const [key, known] = [reactionKey(reaction), this.get(reaction.post_id)];
    const name = `${reaction.post_id} ${key}`;
    if (!on) this.#back.set(name, this.timesBack(reaction) + 1);
    if (known === undefined) return;
    const reactions = new Set(known.reactions);
    if (on) reactions.add(key);
    else reactions.delete(key);
    const updateAt = Math.max(known.updateAt, reaction.update_at);
    this.set(reaction.post_id, { ...known, updateAt, reactions });
  }

  /** A reaction that was taken back and set again is another: the server tells of both in any order. */
  timesBack(reaction: Reaction): number {
    return this.#back.get(`${reaction.post_id} ${reactionKey(reaction)}`) ?? 0;
  }
}
