import { AppError } from './app-error.ts';
import { channelMentions, channelWideWord, pingedBy } from './mentions.ts';
import { hasChannelPermission } from './permissions.ts';
import { hashtagsOf, needValid, sanitizedProps } from './post-rules.ts';
import { type PostView, textOf, viewOf } from './post-view.ts';
import { statusOnline } from './statuses.ts';
import { announceThread } from './threads.ts';
import type { Channel, Post, Props, User } from './types.ts';
import type { World } from './world.ts';

/** A post that is to be made. */
export interface Draft {
  readonly userId: string;
  readonly channelId: string;
  readonly message: string;
  readonly rootId?: string;
  readonly type?: string;
  readonly props?: Props;
  readonly fileIds?: readonly string[];
  readonly pendingPostId?: string;
  readonly remoteId?: string;
  readonly createAt?: number;
  /** Asked for by a bot: nobody is notified. */
  readonly isSilent?: boolean;
  readonly metadata?: Props;
}

export interface Posting {
  readonly setOnline?: boolean;
  readonly node?: number;
  readonly beforeSave?: () => Promise<void>;
}

/** What is answered; a repeat has no metadata. */
type Made = Omit<PostView, 'metadata'> & { readonly metadata?: Props };

const badRoot = (name: 'root_id' | 'channel_root_id', status: number): AppError =>
  new AppError(`api.post.create_post.${name}.app_error`, status);

/** app.CreatePost, for all ways in: REST, webhooks, and the server itself. */
export async function createPost(world: World, draft: Draft, posting: Posting = {}): Promise<Made> {
  const key = draft.pendingPostId ?? '';
  const pending = world.pending[posting.node ?? 0];
  if (key === '' || pending === undefined) return publishNew(world, draft, posting);
  const known = pending.get(key);
  const earlier = known === undefined ? undefined : earlierPost(world, draft, known);
  if (earlier !== undefined) return earlier;
  if (known === undefined) pending.set(key, '');
  try {
    const view = await publishNew(world, draft, posting);
    pending.set(key, view.id);
    return view;
  } catch (error) {
    pending.remove(key);
    throw error;
  }
}

/** deduplicateCreatePost: the post made with the same key; undefined if this user may not see it. */
function earlierPost(world: World, draft: Draft, postId: string): Made | undefined {
  if (postId === '') throw new AppError('api.post.deduplicate_create_post.pending', 500);
  const post = world.store.posts.get(postId);
  if (post === undefined || post.delete_at > 0) {
    throw new AppError('api.post.deduplicate_create_post.failed_to_get', 500);
  }
  if (!hasChannelPermission(world.store, draft.userId, post.channel_id, 'read_channel_content'))
    return undefined;
  // Straight from the database: without the key and without metadata.
  const { metadata: _, ...view } = viewOf(world, post);
  return view;
}

async function publishNew(world: World, draft: Draft, posting: Posting): Promise<PostView> {
  const channel = world.store.channel(draft.channelId);
  const author = world.store.user(draft.userId);
  const hint = wideHint(world, draft);
  needRoot(world, draft);
  const post = rowOf(world, draft, author, channel, hint !== '');
  await posting.beforeSave?.();
  stamp(world, post, draft);
  needValid(world, post);
  save(world, channel, post);
  attachFiles(world, post);
  const view = viewOf(world, post, { pendingPostId: draft.pendingPostId ?? '' });
  announce(world, channel, author, view, posting.setOnline === true);
  announceThread(world, post);
  if (hint !== '') sendHint(world, post, hint);
  if (posting.setOnline === true) statusOnline(world, author.id);
  return view;
}

function needRoot({ store }: World, { rootId = '', channelId }: Draft): void {
  if (rootId === '') return;
  const root = store.posts.get(rootId);
  if (root === undefined || root.delete_at > 0) throw badRoot('root_id', 400);
  if (root.channel_id !== channelId) throw badRoot('channel_root_id', 400);
  if (root.root_id !== '') throw badRoot('root_id', 400);
}

/** The word that its author may not use: the post is marked, and he is told. */
function wideHint({ store }: World, draft: Draft): string {
  if ((draft.type ?? '') !== '') return '';
  const may = hasChannelPermission(store, draft.userId, draft.channelId, 'use_channel_mentions');
  return may ? '' : channelWideWord(draft.message);
}

export function filledProps(world: World, channel: Channel, message: string, props: Props): Props {
  const { channel_mentions: _, ...rest } = props;
  const found = channelMentions(world, message, channel);
  return Object.keys(found).length === 0 ? rest : { ...rest, channel_mentions: found };
}

function rowOf(world: World, draft: Draft, author: User, channel: Channel, isMuted: boolean): Post {
  const given = sanitizedProps(draft.props ?? {});
  const props: Props = {
    ...filledProps(world, channel, draft.message, given),
    ...(author.is_bot ? { from_bot: 'true' } : {}),
    ...(isMuted ? { mentionHighlightDisabled: true } : {}),
    ...(draft.isSilent === true ? { silent_notification: true } : {}),
  };
  return {
    id: world.newId(),
    create_at: 0,
    update_at: 0,
    edit_at: 0,
    delete_at: 0,
    is_pinned: false,
    user_id: author.id,
    channel_id: channel.id,
    root_id: draft.rootId ?? '',
    original_id: '',
    message: draft.message,
    type: draft.type ?? '',
    props,
    hashtags: hashtagsOf(draft.message),
    file_ids: [...new Set(draft.fileIds ?? [])],
    ...(draft.remoteId === undefined ? {} : { remote_id: draft.remoteId }),
    ...(draft.metadata === undefined ? {} : { metadata: draft.metadata }),
  };
}

/** PreSave: both times are the same, whatever time an administrator asks for. */
function stamp(world: World, post: Post, draft: Draft): void {
  post.create_at = (draft.createAt ?? 0) === 0 ? world.clock.now() : (draft.createAt ?? 0);
  post.update_at = post.create_at;
}

const UNCOUNTED = /^system_(?:join|leave|add|remove)/;

function save({ store }: World, channel: Channel, post: Post): void {
  store.addPost(post);
  channel.last_post_at = Math.max(channel.last_post_at, post.create_at);
  if (!UNCOUNTED.test(post.type)) {
    channel.total_msg_count += 1;
    if (post.root_id === '') channel.total_msg_count_root += 1;
  }
  const root = store.posts.get(post.root_id);
  // A reply moves its root: lists with `since` show it again.
  if (root !== undefined) root.update_at = Math.max(root.update_at, post.update_at);
  else channel.last_root_post_at = Math.max(channel.last_root_post_at, post.create_at);
}

/** attachFileIDsToPost: what cannot be attached is left out, and nobody is told. */
export function attachable({ store }: World, post: Post, fileId: string): boolean {
  const file = store.files.get(fileId)?.info;
  const isFree = file !== undefined && (file.post_id ?? '') === '' && file.delete_at === 0;
  return isFree && file.user_id === post.user_id && file.channel_id === post.channel_id;
}

function attachFiles(world: World, post: Post): void {
  post.file_ids = post.file_ids.filter((id) => attachable(world, post, id));
  for (const id of post.file_ids) {
    const info = world.store.files.get(id)?.info;
    if (info !== undefined) info.post_id = post.id;
  }
}

/** notification.go: `posted` to the members, with his own mention for each who is pinged. */
function announce(world: World, channel: Channel, author: User, view: PostView, setOnline: boolean): void {
  const pinged = pingedBy(world, view);
  world.store.pinged.set(view.id, pinged);
  const files = view.file_ids.flatMap((id) => world.store.files.get(id)?.info ?? []);
  const data = {
    channel_type: channel.type,
    channel_display_name: channel.display_name,
    channel_name: channel.name,
    sender_name: senderName(world, channel, author, view),
    team_id: channel.team_id,
    set_online: setOnline,
    ...(files.length > 0 ? { otherFile: 'true' } : {}),
    ...(files.some(({ mime_type }) => mime_type.startsWith('image/')) ? { image: 'true' } : {}),
    post: textOf(view),
  };
  world.hub.publish('posted', data, { channelId: channel.id }, (userId) =>
    pinged.userIds.includes(userId) ? { mentions: JSON.stringify([userId]) } : {},
  );
}

function senderName(world: World, channel: Channel, author: User, post: Post): string {
  const { override_username, from_webhook } = post.props;
  const isOverridden = world.settings.EnablePostUsernameOverride && channel.type !== 'D';
  if (isOverridden && from_webhook === 'true' && typeof override_username === 'string')
    return override_username;
  return `@${author.username}`;
}

/** SendEphemeralPost: shown to one person, stored nowhere. */
function sendHint(world: World, post: Post, word: string): void {
  const now = world.clock.now();
  const hint: Post = {
    ...post,
    id: world.newId(),
    create_at: now,
    update_at: 0,
    message: `Channel notifications are disabled. The ${word} did not trigger any notifications.`,
    type: 'system_ephemeral',
    props: { mentionHighlightDisabled: true },
    file_ids: [],
  };
  const data = { post: textOf(viewOf(world, hint)) };
  world.hub.publish('ephemeral_message', data, { channelId: post.channel_id, userId: post.user_id });
}
