import { AppError, invalidParam } from '../app-error.ts';
import {
  type Answer,
  actor,
  bodyOf,
  type Call,
  done,
  type Handler,
  ok,
  pageOf,
  type Route,
  slice,
  textsOf,
  userParam,
} from '../call.ts';
import { hasPermission, need, needSelf } from '../permissions.ts';
import { endSessions, openSession } from '../sessions.ts';
import type { User } from '../types.ts';
import { createUser, needUsername, publishUserUpdated, userView } from '../users.ts';

const show = (call: Call, user: User, status = 200): Answer => ({
  status,
  body: userView(call.world, user, call.session?.user_id ?? ''),
});
const showAll = (call: Call, users: readonly User[]): Answer =>
  ok(users.map((user) => userView(call.world, user, actor(call))));

function needOpen(call: Call): void {
  const { settings, store } = call.world;
  if (call.session !== null && hasPermission(store, call.session.user_id, 'manage_system')) return;
  if (!settings.EnableUserCreation) {
    throw new AppError('api.user.create_user.signup_email_disabled.app_error', 501);
  }
  if (store.users.size > 0 && !settings.EnableOpenServer) {
    throw new AppError('api.user.create_user.no_open_server', 403);
  }
}

const create: Handler = (call) => {
  const body = bodyOf(call, 'user');
  needOpen(call);
  const user = createUser(call.world, {
    username: body.text('username').toLowerCase(),
    email: body.text('email').toLowerCase(),
    password: body.text('password'),
    nickname: body.text('nickname'),
    firstName: body.text('first_name'),
    lastName: body.text('last_name'),
    props: body.table('props'),
  });
  return { status: 201, body: userView(call.world, user, user.id) };
};

const login: Handler = (call) => {
  const { world } = call;
  const body = bodyOf(call, 'body');
  const name = body.text('login_id').toLowerCase();
  const user =
    world.store.users.get(body.text('id')) ??
    world.store.users.values().find((one) => one.username === name || one.email === name);
  const isKnown = user !== undefined && !user.is_bot && user.password === body.text('password');
  // Whether the name or the password is wrong is not told.
  if (!isKnown) throw new AppError('api.user.login.invalid_credentials_email_username', 401);
  if (user.delete_at > 0) throw new AppError('api.user.login.inactive.app_error', 401);
  const session = openSession(world, user.id);
  const cookie = `MMAUTHTOKEN=${session.token}; Path=/; HttpOnly`;
  return {
    status: 200,
    body: userView(world, user, user.id),
    headers: { token: session.token, 'set-cookie': cookie },
  };
};

const logout: Handler = (call) => {
  call.world.store.sessions.delete(call.session?.token ?? '');
  return done();
};

const get: Handler = (call) => show(call, call.world.store.user(userParam(call)));

const byName: Handler = (call) => {
  const user = call.world.store.userNamed(call.params.username ?? '');
  if (user === undefined) throw new AppError('app.user.get_by_username.app_error', 404);
  return show(call, user);
};

const byEmail: Handler = (call) => {
  const { store } = call.world;
  const user = store.users.values().find(({ email }) => email === call.params.email);
  if (user === undefined) throw new AppError('app.user.missing_account.const', 404);
  return show(call, user);
};

const byIds: Handler = (call) => {
  const ids = textsOf(call, 'user_ids');
  if (ids.length === 0) throw invalidParam('user_ids');
  return showAll(
    call,
    [...new Set(ids)].flatMap((id) => call.world.store.users.get(id) ?? []),
  );
};

const byNames: Handler = (call) => {
  const names = textsOf(call, 'usernames');
  if (names.length === 0) throw invalidParam('usernames');
  return showAll(
    call,
    names.flatMap((name) => call.world.store.userNamed(name) ?? []),
  );
};

const list: Handler = (call) => {
  const { store } = call.world;
  const query = call.url.searchParams;
  const channel = query.get('in_channel');
  const team = query.get('in_team');
  const users = [...store.users.values()].filter(
    ({ id }) =>
      (channel === null || store.member(channel, id) !== undefined) &&
      (team === null || store.teamMember(team, id) !== undefined),
  );
  users.sort((a, b) => (a.username < b.username ? -1 : 1));
  return showAll(call, slice(users, pageOf(call)));
};

const search: Handler = (call) => {
  const body = bodyOf(call, 'props');
  const term = body.text('term').toLowerCase();
  if (term === '') throw invalidParam('term');
  const users = [...call.world.store.users.values()].filter(
    (user) => user.delete_at === 0 && `${user.username} ${user.nickname}`.toLowerCase().includes(term),
  );
  return showAll(call, users.slice(0, 100));
};

const patch: Handler = (call) => {
  const { world } = call;
  const id = userParam(call);
  needSelf(world.store, actor(call), id);
  const body = bodyOf(call, 'user');
  const user = world.store.user(id);
  const username = body.text('username').toLowerCase();
  if (body.has('username') && username !== user.username) {
    needUsername(world, username);
    user.username = username;
  }
  for (const name of ['nickname', 'first_name', 'last_name', 'position', 'locale', 'email'] as const) {
    if (body.has(name)) user[name] = body.text(name);
  }
  if (body.has('notify_props')) user.notify_props = { ...user.notify_props, ...body.table('notify_props') };
  publishUserUpdated(world, user);
  return show(call, user);
};

/** Deactivation ends all sessions: tokens answer 401, open sockets fall silent. */
const activate: Handler = (call) => {
  const { world } = call;
  const id = userParam(call);
  const isActive = bodyOf(call, 'active').flag('active');
  if (id !== actor(call) || isActive) need(world.store, actor(call), 'manage_system');
  const user = world.store.user(id);
  user.delete_at = isActive ? 0 : world.clock.now();
  if (!isActive) endSessions(world, id);
  world.hub.publish('user_activation_status_change', {}, {});
  publishUserUpdated(world, user);
  return done();
};

const roles: Handler = (call) => {
  const { world } = call;
  need(world.store, actor(call), 'manage_roles');
  const user = world.store.user(userParam(call));
  user.roles = bodyOf(call, 'roles').text('roles');
  world.hub.publish('user_role_updated', { user_id: user.id, roles: user.roles }, { userId: user.id });
  return done();
};

const sessions: Handler = (call) => {
  const { store } = call.world;
  const id = userParam(call);
  needSelf(store, actor(call), id);
  const rows = [...store.sessions.values()].filter(({ user_id }) => user_id === id);
  return ok(
    rows.map(({ id: sessionId, create_at, expires_at }) => ({
      id: sessionId,
      token: '',
      create_at,
      expires_at,
      last_activity_at: create_at,
      user_id: id,
      device_id: '',
      roles: store.user(id).roles,
      is_oauth: false,
      expired_notify: false,
      props: {},
      team_members: null,
      local: false,
    })),
  );
};

const revokeSession: Handler = (call) => {
  const { store } = call.world;
  const id = userParam(call);
  needSelf(store, actor(call), id);
  const sessionId = bodyOf(call, 'session_id').text('session_id');
  const session = store.sessions.values().find((one) => one.id === sessionId && one.user_id === id);
  if (session === undefined) throw invalidParam('session_id');
  store.sessions.delete(session.token);
  return done();
};

const revokeAll: Handler = (call) => {
  const id = userParam(call);
  needSelf(call.world.store, actor(call), id);
  endSessions(call.world, id);
  return done();
};

export const USERS: readonly Route[] = [
  ['POST', '/api/v4/users', create, 'open'],
  ['GET', '/api/v4/users', list],
  ['POST', '/api/v4/users/login', login, 'open'],
  ['POST', '/api/v4/users/logout', logout, 'open'],
  ['POST', '/api/v4/users/ids', byIds],
  ['POST', '/api/v4/users/usernames', byNames],
  ['POST', '/api/v4/users/search', search],
  ['GET', '/api/v4/users/username/:username', byName],
  ['GET', '/api/v4/users/email/:email', byEmail],
  ['GET', '/api/v4/users/:user_id', get],
  ['PUT', '/api/v4/users/:user_id/patch', patch],
  ['PUT', '/api/v4/users/:user_id/active', activate],
  ['PUT', '/api/v4/users/:user_id/roles', roles],
  ['GET', '/api/v4/users/:user_id/sessions', sessions],
  ['POST', '/api/v4/users/:user_id/sessions/revoke', revokeSession],
  ['POST', '/api/v4/users/:user_id/sessions/revoke/all', revokeAll],
];
