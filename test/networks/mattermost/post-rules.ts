import { AppError, invalidParam } from './app-error.ts';
import { isId } from './ids.ts';
import type { Post, Props, Session, User } from './types.ts';
import { isAtLeast, type World } from './world.ts';

/** public/model/post.go */
const FILE_IDS_RUNES = 300;
const PROPS_RUNES = 800_000;
const HASHTAGS_RUNES = 1000;
const TYPES =
  /^(?:|system_\w+|me|slack_attachment|add_bot_teams_channels|reminder|card|burn_on_read|custom_.*)$/;

export const runes = (text: string): number => [...text].length;
const invalid = (field: string): AppError => new AppError(`model.post.is_valid.${field}.app_error`, 400);

/** Post.IsValid, in its order. */
export function needValid(world: World, post: Post): void {
  if (!isId(post.channel_id)) throw invalid('channel_id');
  if (post.root_id !== '' && !isId(post.root_id)) throw invalid('root_id');
  if (runes(post.message) > world.settings.MaxPostSize) throw invalid('message_length');
  if (runes(post.hashtags) > HASHTAGS_RUNES) throw invalid('hashtags');
  if (!TYPES.test(post.type)) throw invalid('type');
  if (JSON.stringify(post.file_ids).length > FILE_IDS_RUNES) throw invalid('file_ids');
  if (runes(JSON.stringify(post.props)) > PROPS_RUNES) throw invalid('props');
}

const RESERVED = [
  'from_webhook',
  'override_username',
  'webhook_display_name',
  'override_icon_url',
  'override_icon_emoji',
];
/** What names somebody else as the author. */
const IDENTITY = ['from_webhook', 'override_username', 'override_icon_url', 'override_icon_emoji'];

const without = (props: Props, names: readonly string[]): Props =>
  Object.fromEntries(Object.entries(props).filter(([name]) => !names.includes(name)));

/** Hardened mode: reserved props are for bots, personal tokens and OAuth only. */
export function needUnreserved(world: World, session: Session, user: User, props: Props): void {
  const isIntegration = user.is_bot || session.kind === 'token';
  const used = RESERVED.filter((name) => name in props);
  if (world.settings.ExperimentalEnableHardenedMode && !isIntegration && used.length > 0) {
    throw invalidParam('props', `Cannot use props reserved for integrations. props: [${used.join(' ')}]`);
  }
}

/** From 12.0 on nobody but a webhook speaks under another name: the props go without a word. */
export function withoutForgedIdentity(world: World, props: Props): Props {
  return isAtLeast(world, '12.0') ? without(props, IDENTITY) : props;
}

/** Marks of where a post came from, which an edit cannot take off (model.PreserveIdentityPropsFrom). */
const MARKS = ['from_bot', 'from_webhook', 'from_oauth_app', 'from_plugin', 'silent_notification'];

/**
 * The props an edit gives replace the old ones as a whole. Later versions put the marks back, but not the name and
 * the picture. What 12.0 does to those in an edit was not seen: dropped, as in a new post, is the unkinder reading.
 */
export function replacedProps(world: World, given: Props, old: Props): Props {
  if (!isAtLeast(world, '11.10')) return given;
  const kept = Object.entries(old).filter(([name]) => MARKS.includes(name));
  return { ...withoutForgedIdentity(world, given), ...Object.fromEntries(kept) };
}

/** Post.SanitizeProps */
export const sanitizedProps = (props: Props): Props =>
  without(props, ['add_channel_member', 'force_notification', 'silent_notification']);

/** model.ParseHashtags */
export const hashtagsOf = (message: string): string =>
  [...message.matchAll(/(?<=^|\s)#\p{L}[\p{L}\p{N}_.-]+/gu)].map(([tag]) => tag).join(' ');
