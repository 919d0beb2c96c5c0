import { AppError } from './app-error.ts';
import { hasPermission } from './permissions.ts';
import type { User } from './types.ts';
import type { World } from './world.ts';

export interface NewUser {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly nickname?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly locale?: string;
  readonly props?: Record<string, string>;
  readonly isBot?: boolean;
  readonly botDescription?: string;
}

const USERNAME = /^[a-z0-9.\-_]+$/;
const RESTRICTED = new Set(['all', 'channel', 'here', 'matterbot', 'system']);
const invalid = (field: string): AppError => new AppError(`model.user.is_valid.${field}.app_error`, 400);

const NOTIFY = {
  channel: 'true',
  comments: 'never',
  desktop: 'mention',
  desktop_sound: 'true',
  desktop_threads: 'all',
  email: 'true',
  email_threads: 'all',
  first_name: 'false',
  mention_keys: '',
  push: 'mention',
  push_status: 'online',
  push_threads: 'all',
};
const TIMEZONE = { automaticTimezone: '', manualTimezone: '', useAutomaticTimezone: 'true' };

export function needUsername(world: World, username: string): void {
  const isValid = username.length <= 64 && USERNAME.test(username) && !RESTRICTED.has(username);
  if (!isValid) throw invalid('username');
  if (world.store.userNamed(username) !== undefined) {
    throw new AppError('app.user.save.username_exists.app_error', 400);
  }
}

/** The first one of all becomes the administrator (app/user.go, CreateUser). */
export function createUser(world: World, from: NewUser): User {
  const { store } = world;
  const now = world.clock.now();
  needUsername(world, from.username);
  if (!/^[^@\s]+@[^@\s]+$/.test(from.email)) throw invalid('email');
  if (store.users.values().some(({ email }) => email === from.email)) {
    throw new AppError('app.user.save.email_exists.app_error', 400);
  }
  if (from.isBot !== true && from.password.length < world.settings.MinimumPasswordLength) {
    throw new AppError('model.user.is_valid.pwd_min_length.app_error', 400);
  }
  const isFirst = store.users.size === 0;
  const user: User = {
    id: world.newId(),
    create_at: now,
    update_at: now,
    delete_at: 0,
    username: from.username,
    email: from.email,
    nickname: from.nickname ?? '',
    first_name: from.firstName ?? '',
    last_name: from.lastName ?? '',
    position: '',
    roles: isFirst ? 'system_admin system_user' : 'system_user',
    locale: from.locale ?? 'en',
    props: from.props ?? {},
    notify_props: { ...NOTIFY },
    timezone: { ...TIMEZONE },
    last_picture_update: 0,
    is_bot: from.isBot ?? false,
    bot_description: from.botDescription ?? '',
    password: from.password,
  };
  store.users.set(user.id, user);
  world.hub.publish('new_user', { user_id: user.id }, {});
  return user;
}

/** User.Sanitize: of others neither notifications nor props, of nobody the password. */
export function userView({ store }: World, user: User, viewerId: string): object {
  const isFull = user.id === viewerId || hasPermission(store, viewerId, 'manage_system');
  const { password: _, props, notify_props, is_bot, bot_description, last_picture_update, ...rest } = user;
  return {
    ...rest,
    auth_service: '',
    disable_welcome_email: false,
    ...(last_picture_update === 0 ? {} : { last_picture_update }),
    ...(is_bot ? { is_bot, ...(bot_description === '' ? {} : { bot_description }) } : {}),
    ...(isFull ? { props, notify_props, email_verified: is_bot } : {}),
  };
}

export function publishUserUpdated(world: World, user: User): void {
  user.update_at = world.clock.now();
  const shown = (viewerId: string): object => userView(world, user, viewerId);
  world.hub.publish('user_updated', { user: shown(user.id) }, { userId: user.id });
  world.hub.publish('user_updated', { user: shown('') }, { omit: [user.id] });
}
