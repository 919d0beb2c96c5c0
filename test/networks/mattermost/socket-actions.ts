import { AppError, errorBody } from './app-error.ts';
import type { Connection } from './connection.ts';
import { isId } from './ids.ts';
import { hasChannelPermission } from './permissions.ts';
import { sessionOf } from './sessions.ts';
import { setStatus, statusOf, statusOnline } from './statuses.ts';
import { publishTyping } from './typing.ts';
import type { World } from './world.ts';

interface Action {
  readonly seq: number;
  readonly action: string;
  readonly data: Readonly<Record<string, unknown>>;
}

type Reply = Readonly<Record<string, unknown>> | undefined;
type Answerer = (world: World, connection: Connection, action: Action) => Reply;

const badParam = (): AppError => new AppError('api.websocket_handler.invalid_param.app_error', 400);

const ping: Answerer = (world) => ({
  text: 'pong',
  version: `${world.version}.0`,
  server_time: world.clock.now(),
  node_id: '',
});

const typing: Answerer = (world, { userId }, { data }) => {
  const { channel_id: channelId, parent_id: parentId } = data;
  if (!isId(channelId)) throw badParam();
  if (!hasChannelPermission(world.store, userId, channelId, 'create_post')) throw badParam();
  publishTyping(world, userId, channelId, typeof parentId === 'string' ? parentId : '');
  return undefined;
};

/** What is on the screen. From 11.10 on it decides who is shown typing and reactions. */
const presence: Answerer = (_world, connection, { data }) => {
  const { channel_id, thread_channel_id } = data;
  if (typeof channel_id === 'string') connection.activeChannel = channel_id;
  if (typeof thread_channel_id === 'string') connection.activeThread = thread_channel_id;
  return undefined;
};

const activeStatus: Answerer = (world, { userId }, { data }) => {
  if (typeof data.user_is_active !== 'boolean') throw badParam();
  if (data.user_is_active) statusOnline(world, userId);
  else setStatus(world, userId, 'away', data.manual === true);
  return undefined;
};

const statuses: Answerer = ({ store }) =>
  Object.fromEntries([...store.statuses.values()].map(({ user_id, status }) => [user_id, status]));

const statusesByIds: Answerer = (world, _connection, { data }) => {
  const ids = data.user_ids;
  if (!Array.isArray(ids) || !ids.every(isId)) throw badParam();
  return Object.fromEntries(ids.map((id) => [id, statusOf(world, id).status]));
};

const ACTIONS: Readonly<Record<string, Answerer>> = {
  ping,
  user_typing: typing,
  presence,
  user_update_active_status: activeStatus,
  get_statuses: statuses,
  get_statuses_by_ids: statusesByIds,
};

function parse(text: string): Action | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { seq, action, data } = value as Partial<Action>;
    return { seq: Number(seq ?? 0), action: String(action ?? ''), data: data ?? {} };
  } catch {
    return undefined;
  }
}

/** websocket_router.go, in its order. What is no JSON ends the connection. */
export function act(world: World, connection: Connection, text: string, challenge: Answerer): void {
  const action = parse(text);
  if (action === undefined) return void connection.terminate();
  const fail = (error: AppError): void => {
    const body = errorBody(error, '');
    world.hub.reply(connection, { status: 'FAIL', seq_reply: action.seq, error: body });
  };
  if (action.action === '') return void fail(new AppError('api.web_socket_router.no_action.app_error', 400));
  if (action.seq <= 0) return void fail(new AppError('api.web_socket_router.bad_seq.app_error', 400));
  if (action.action === 'authentication_challenge') return void challenge(world, connection, action);
  if (!world.hub.isAuthenticated(connection)) {
    return void fail(new AppError('api.web_socket_router.not_authenticated.app_error', 401));
  }
  const answerer = ACTIONS[action.action];
  if (answerer === undefined)
    return void fail(new AppError('api.web_socket_router.bad_action.app_error', 500));
  try {
    const data = answerer(world, connection, action);
    const reply = { status: 'OK', seq_reply: action.seq, ...(data === undefined ? {} : { data }) };
    world.hub.reply(connection, reply);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    fail(error);
  }
}

/** A good token registers the connection; a bad one closes it without a word. */
export const challenge =
  (enter: (connection: Connection) => void): Answerer =>
  (world, connection, { seq, data }) => {
    if (connection.token !== '') return undefined;
    const token = data.token;
    const session = typeof token === 'string' ? sessionOf(world, token) : null;
    if (session === null) {
      connection.terminate();
      return undefined;
    }
    connection.token = session.token;
    connection.userId = session.user_id;
    enter(connection);
    world.hub.reply(connection, { status: 'OK', seq_reply: seq });
    return undefined;
  };
