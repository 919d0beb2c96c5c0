import { Recent } from '@brygga/wire';
import { revisionOf } from './intake.ts';
import type { Post, Reaction } from './native.ts';

/** Posts remembered of a channel, to ask for those that an overlong list has left out. */
const POSTS_MAX = 5000;
const BACK_MAX = 5000;

/** What was handed in last of a post. */
export interface PostState {
  /** Tells one text, and the end, from another. */
  readonly version: string;
  readonly updateAt: number;
  readonly isGone: boolean;
  /** Who reacts with what, by `reactionKey`. */
  readonly reactions: ReadonlySet<string>;
}

export const reactionKey = ({ user_id, emoji_name }: Pick<Reaction, 'user_id' | 'emoji_name'>): string =>
  `${user_id} ${emoji_name}`;

/** The state in which a list, or an event, shows a post. */
export function stateOf(post: Post, reactions: ReadonlySet<string>): PostState {
  const isGone = post.delete_at > 0;
  return { version: `${revisionOf(post)} ${isGone}`, updateAt: post.update_at, isGone, reactions };
}

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

  /**
   * Whether that shows a post as it was before what was handed in: events wait while a newer list is read, and a list may
   * come from a copy that lags behind. An end is final, and the event of one shows the post as it was before.
   */
  isOutdated(post: Post): boolean {
    const known = this.get(post.id);
    return known !== undefined && post.delete_at === 0 && (known.isGone || post.update_at < known.updateAt);
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
