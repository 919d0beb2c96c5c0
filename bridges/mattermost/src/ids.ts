import { type NativeId, nativeId } from '@brygga/event';
import { field, type Json, listField, textField } from './native.ts';

/** An id of Mattermost: 26 letters and digits, made by the server (`model/utils.go`, `NewId`). */
export const isId = (text: string): boolean => /^[a-z0-9]{26}$/.test(text);

/** The property under which each post of ours says whose it is. */
export const MARKER = 'brygga';

/**
 * What stands in a post of ours. `part` of `of` parts of the delivery `key`; `hops`: the hubs the event has passed, this
 * one last.
 */
export interface Marker {
  readonly key: string;
  readonly part: number;
  readonly hub: string;
  readonly hops: readonly string[];
}

const HOPS_MAX = 16;

/**
 * The marker of a post, whoever wrote it; null where none stands. Properties can be written by anybody: it tells about us
 * only in posts of our own accounts.
 */
export function markerOf(props: Json): Marker | null {
  const marker = field(props, MARKER);
  const [key, hub, part] = [textField(marker, 'key'), textField(marker, 'hub'), field(marker, 'part')];
  if (key === undefined || hub === undefined || typeof part !== 'number' || !Number.isInteger(part))
    return null;
  const hops = listField(marker, 'hops').filter((hop) => typeof hop === 'string');
  const carried = hops.filter((hop) => hop.length > 0 && hop.length <= 128).slice(0, HOPS_MAX);
  return { key, part, hub, hops: carried };
}

/**
 * `pending_post_id` of one part: a repeat within 30 s gives the first post
 * (`channels/app/post.go`, `deduplicateCreatePost`).
 */
export const pendingId = (key: string, part: number): string => `${MARKER}:${key}:${part}`;

/** Ids of what happens to a post without a post of its own. */
export const deletionId = (post: string): NativeId => nativeId(`deleted ${post}`);
/** The time is the server's, in ms; `times` keeps those apart that come with an unknown or the same one. */
type ReactionId = (post: string, user: string, emoji: string, at: number, times: number) => NativeId;
export const reactionId: ReactionId = (...parts) => nativeId(`reaction ${parts.join(' ')}`);
export const unreactionId: ReactionId = (...parts) => nativeId(`unreaction ${parts.join(' ')}`);
