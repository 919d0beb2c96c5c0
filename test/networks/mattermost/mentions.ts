import { runningText } from './mention-text.ts';
import { hasChannelPermission } from './permissions.ts';
import type { Pinged } from './store.ts';
import type { Channel, Post, User } from './types.ts';
import type { World } from './world.ts';

/** MaxNotificationsPerChannel: in larger channels `@all` pings nobody. */
const MOST_NOTIFIED = 1000;
const CHANNEL_WIDE = new Set(['@all', '@channel', '@here']);

interface Found {
  readonly words: ReadonlySet<string>;
}

/** Words as mention_parser_standard.go splits them: at all but letters, digits and `: . - _ @`. */
function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}:.\-_@]+/u).filter((word) => word !== '' && !/^:.*:$/u.test(word));
}

/** The forms under which a word is looked up, in the parser's order; the first that is known counts. */
function formsOf(word: string): string[] {
  const bare = word.replace(/^[:.\-_]+/, '');
  const forms = [bare];
  for (let form = bare; /[.\-:_]$/.test(form); form = form.slice(0, -1)) forms.push(form.slice(0, -1));
  return forms;
}

function lookUp(text: string, isKnown: (form: string) => boolean, found: Set<string>): void {
  for (const word of wordsOf(text)) {
    const forms = formsOf(word);
    const hit = forms.find((form) => isKnown(form.toLowerCase()));
    if (hit !== undefined) found.add(hit.toLowerCase());
    else if (!forms[0]?.startsWith('@')) {
      const parts = (forms[0] ?? '').split(/[.\-:]/).map((part) => part.toLowerCase());
      for (const part of parts.filter(isKnown)) found.add(part);
    }
  }
}

function textsOf(post: Pick<Post, 'message' | 'props'>): string[] {
  const { attachments } = post.props;
  const rows = Array.isArray(attachments) ? (attachments as Record<string, unknown>[]) : [];
  const parts = rows.flatMap((row) => [row.pretext, row.text, ...fieldValues(row.fields)]);
  return [post.message, ...parts.filter((part): part is string => typeof part === 'string')];
}

const fieldValues = (fields: unknown): unknown[] =>
  Array.isArray(fields) ? fields.map((field: Record<string, unknown>) => field.value) : [];

function find(post: Pick<Post, 'message' | 'props'>, users: readonly User[]): Found {
  const names = new Map(users.map((user) => [`@${user.username}`, user]));
  const keys = new Set(users.flatMap((user) => keysOf(user)));
  const isKnown = (form: string): boolean => CHANNEL_WIDE.has(form) || names.has(form) || keys.has(form);
  const words = new Set<string>();
  for (const text of textsOf(post).flatMap(runningText)) lookUp(text, isKnown, words);
  return { words };
}

/** The user's own keywords, and his first name if he asked for it. */
function keysOf({ notify_props, first_name }: User): string[] {
  const keys = (notify_props.mention_keys ?? '').split(',').map((key) => key.trim().toLowerCase());
  const first = notify_props.first_name === 'true' ? [first_name.toLowerCase()] : [];
  return [...keys, ...first].filter((key) => key !== '');
}

const isSilent = (post: Post): boolean =>
  post.type.startsWith('system_') || post.type === 'add_bot_teams_channels';

/** Whom a post pings (SendNotifications), among the members of its channel. */
export function pingedBy(world: World, post: Post): Pinged {
  if (isSilent(post) || post.props.silent_notification === true) return { userIds: [], channelWide: false };
  const { store } = world;
  const users = store.membersOf(post.channel_id).map(({ user_id }) => store.user(user_id));
  const { words } = find(post, users);
  const isWide =
    [...CHANNEL_WIDE].some((word) => words.has(word)) && maySpeakToAll(world, post, users.length);
  const isPinged = (user: User): boolean =>
    words.has(`@${user.username}`) ||
    keysOf(user).some((key) => words.has(key)) ||
    (isWide && user.notify_props.channel !== 'false' && (!isOnlyHere(words) || isOnline(world, user)));
  const isSelf = (user: User): boolean => user.id === post.user_id && post.props.from_webhook !== 'true';
  const pinged = users.filter((user) => !isSelf(user) && isPinged(user));
  return { userIds: pinged.map(({ id }) => id), channelWide: isWide };
}

const isOnlyHere = (words: ReadonlySet<string>): boolean => !words.has('@all') && !words.has('@channel');
const isOnline = (world: World, user: User): boolean =>
  world.store.statuses.get(user.id)?.status === 'online';

function maySpeakToAll(world: World, post: Post, members: number): boolean {
  const may = hasChannelPermission(world.store, post.user_id, post.channel_id, 'use_channel_mentions');
  return may && members <= MOST_NOTIFIED;
}

/** The first channel-wide word of a text, for the hint to who may not use it (model.DisableMentionHighlights). */
export function channelWideWord(message: string): string {
  return /\B@(?:here|channel|all)\b/i.exec(message)?.[0] ?? '';
}

/** `~names` that lead to channels the author may see. */
export function channelMentions(world: World, message: string, channel: Channel): Record<string, unknown> {
  const names = [...message.matchAll(/\B~([a-zA-Z0-9\-_]+)/g)].map(([, name]) => name ?? '');
  const team = world.store.teams.get(channel.team_id);
  const found = names.flatMap((name) => world.store.channelNamed(channel.team_id, name) ?? []);
  const open = found.filter(({ type, delete_at }) => type === 'O' && delete_at === 0);
  return Object.fromEntries(
    open.map((one) => [
      one.name,
      { display_name: one.display_name, team_name: team?.name ?? '', id: one.id },
    ]),
  );
}
