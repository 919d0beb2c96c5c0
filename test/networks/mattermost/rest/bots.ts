import { AppError, invalidParam, noPermission } from '../app-error.ts';
import {
  actor,
  bodyOf,
  type Call,
  created,
  done,
  type Handler,
  idParam,
  ok,
  pageOf,
  type Route,
  slice,
  userParam,
} from '../call.ts';
import { hasPermission, need } from '../permissions.ts';
import type { AccessToken, Bot } from '../types.ts';
import { createUser, publishUserUpdated } from '../users.ts';

/** Description and name are left out when empty, as Go does (model.Bot). */
const botView = (bot: Bot): object => ({
  user_id: bot.user_id,
  username: bot.username,
  ...(bot.display_name === '' ? {} : { display_name: bot.display_name }),
  ...(bot.description === '' ? {} : { description: bot.description }),
  owner_id: bot.owner_id,
  create_at: bot.create_at,
  update_at: bot.update_at,
  delete_at: bot.delete_at,
});

const create: Handler = (call) => {
  const { world } = call;
  const { store, settings } = world;
  const body = bodyOf(call, 'bot');
  const owner = actor(call);
  need(store, owner, 'create_bot');
  if (!settings.EnableBotAccountCreation) throw new AppError('api.bot.create_disabled', 403);
  if (store.users.get(owner)?.is_bot === true) throw noPermission('create_bot');
  const now = world.clock.now();
  const user = createUser(world, {
    username: body.text('username').toLowerCase(),
    email: `${body.text('username').toLowerCase()}@localhost`,
    password: '',
    firstName: body.text('display_name'),
    isBot: true,
    botDescription: body.text('description'),
  });
  const bot: Bot = {
    user_id: user.id,
    username: user.username,
    display_name: body.text('display_name'),
    description: body.text('description'),
    owner_id: owner,
    create_at: now,
    update_at: now,
    delete_at: 0,
  };
  store.bots.set(bot.user_id, bot);
  return created(botView(bot));
};

/** To who may not manage it, somebody else's bot is not there. */
function botOf(call: Call): Bot {
  const { store } = call.world;
  const bot = store.bots.get(idParam(call, 'bot_user_id'));
  const isOwn = bot?.owner_id === actor(call);
  const isVisible = isOwn || hasPermission(store, actor(call), 'read_others_bots');
  if (bot === undefined || !isVisible) throw new AppError('store.sql_bot.get.missing.app_error', 404);
  return bot;
}

const get: Handler = (call) => {
  const bot = botOf(call);
  if (bot.delete_at > 0 && call.url.searchParams.get('include_deleted') !== 'true') {
    throw new AppError('store.sql_bot.get.missing.app_error', 404);
  }
  return ok(botView(bot));
};

const list: Handler = (call) => {
  const { store } = call.world;
  need(store, actor(call), 'read_others_bots');
  const bots = [...store.bots.values()].filter(({ delete_at }) => delete_at === 0);
  return ok(slice(bots, pageOf(call)).map(botView));
};

const patch: Handler = (call) => {
  const { world } = call;
  const bot = botOf(call);
  const body = bodyOf(call, 'bot');
  const user = world.store.user(bot.user_id);
  if (body.has('username')) {
    bot.username = body.text('username').toLowerCase();
    user.username = bot.username;
  }
  if (body.has('display_name')) {
    bot.display_name = body.text('display_name');
    user.first_name = bot.display_name;
  }
  if (body.has('description')) bot.description = body.text('description');
  bot.update_at = world.clock.now();
  publishUserUpdated(world, user);
  return ok(botView(bot));
};

const enable =
  (isEnabled: boolean): Handler =>
  (call) => {
    const { world } = call;
    const bot = botOf(call);
    const user = world.store.user(bot.user_id);
    bot.delete_at = isEnabled ? 0 : world.clock.now();
    user.delete_at = bot.delete_at;
    bot.update_at = world.clock.now();
    publishUserUpdated(world, user);
    return ok(botView(bot));
  };

const tokenView = ({ id, user_id, description, is_active }: AccessToken): object => ({
  id,
  user_id,
  description,
  is_active,
});

/** A bot's token needs no switch; a person's needs EnableUserAccessTokens and the permission. */
const createToken: Handler = (call) => {
  const { world } = call;
  const { store } = world;
  const id = userParam(call);
  const user = store.user(id);
  const description = bodyOf(call, 'user_access_token').text('description');
  if (description === '') throw invalidParam('description');
  const isManaged = store.bots.get(id)?.owner_id === actor(call);
  if (!isManaged) need(store, actor(call), 'create_user_access_token');
  if (!isManaged && id !== actor(call)) need(store, actor(call), 'edit_other_users');
  if (!user.is_bot && !world.settings.EnableUserAccessTokens) {
    throw new AppError('app.user_access_token.disabled', 501);
  }
  const token = { id: world.newId(), token: world.newId(), user_id: id, description, is_active: true };
  store.tokens.set(token.id, token);
  return ok(token);
};

const tokensOf: Handler = (call) => {
  const { store } = call.world;
  const id = userParam(call);
  need(store, actor(call), 'read_user_access_token');
  if (id !== actor(call)) need(store, actor(call), 'edit_other_users');
  const tokens = [...store.tokens.values()].filter(({ user_id }) => user_id === id);
  return ok(slice(tokens, pageOf(call)).map(tokenView));
};

function tokenNamed(call: Call): AccessToken {
  const { store } = call.world;
  const token = store.tokens.get(bodyOf(call, 'token_id').text('token_id'));
  if (token === undefined) throw new AppError('app.user_access_token.get_by_user.app_error', 404);
  if (token.user_id !== actor(call)) need(store, actor(call), 'edit_other_users');
  return token;
}

/** Takes effect at once, also for sockets that were opened with it. */
const revoke: Handler = (call) => {
  call.world.store.tokens.delete(tokenNamed(call).id);
  return done();
};

const setActive =
  (isActive: boolean): Handler =>
  (call) => {
    tokenNamed(call).is_active = isActive;
    return done();
  };

export const BOTS: readonly Route[] = [
  ['POST', '/api/v4/bots', create],
  ['GET', '/api/v4/bots', list],
  ['GET', '/api/v4/bots/:bot_user_id', get],
  ['PUT', '/api/v4/bots/:bot_user_id', patch],
  ['POST', '/api/v4/bots/:bot_user_id/enable', enable(true)],
  ['POST', '/api/v4/bots/:bot_user_id/disable', enable(false)],
  ['POST', '/api/v4/users/:user_id/tokens', createToken],
  ['GET', '/api/v4/users/:user_id/tokens', tokensOf],
  ['POST', '/api/v4/users/tokens/revoke', revoke],
  ['POST', '/api/v4/users/tokens/disable', setActive(false)],
  ['POST', '/api/v4/users/tokens/enable', setActive(true)],
];
