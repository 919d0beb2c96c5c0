import type { HttpRequest } from '@brygga/contract';
import { describe, expect, test } from 'vitest';
import { MatrixSettings } from '../src/settings.ts';
import { type Callee, httpFace, TRANSACTION_BYTES_MAX, type Transaction } from '../src/transactions.ts';

const hsToken = '9f8e7d6c5b4a39281706f5e4d3c2b1a0';
const settings = MatrixSettings.parse({
  homeserverUrl: 'http://hs',
  serverName: 'agency.test',
  asToken: 'c4b1a2d3e4f5061728394a5b6c7d8e9f',
  hsToken,
  listen: { port: 9005 },
});
const taken: Transaction[] = [];
let keeps = true;
const callee: Callee = {
  transaction: async (transaction) => {
    taken.push(transaction);
    return keeps;
  },
  user: async (user) => user === '@_brygga_bot:agency.test',
};
const face = httpFace(settings, () => callee);

function request(path: string, body?: unknown): HttpRequest {
  return {
    method: 'PUT',
    path,
    params: {},
    query: {},
    headers: { authorization: `Bearer ${hsToken}` },
    body,
  };
}
const route = (path: string, on = face) => {
  const found = on.routes.find((one) => one.path === `/_matrix/app/v1${path}`);
  if (found === undefined) throw new Error(`no ${path}`);
  return found;
};

describe('who may call', () => {
  const authorize = route('/ping').authorize;
  test.each([
    ['the token', { authorization: `Bearer ${hsToken}` }, {}, true],
    ['the token, small letters', { authorization: `bearer ${hsToken}` }, {}, true],
    ['the old form', {}, { access_token: hsToken }, true],
    ['both', { authorization: `Bearer ${hsToken}` }, { access_token: hsToken }, true],
    ['nothing', {}, {}, false],
    ['another token', { authorization: 'Bearer x' }, {}, false],
    ['a longer one', { authorization: `Bearer ${hsToken}0` }, {}, false],
    ['one right and one wrong', { authorization: `Bearer ${hsToken}` }, { access_token: 'x' }, false],
    ['as_token', { authorization: `Bearer ${settings.asToken}` }, {}, false],
  ])('%s', (_, headers, query, allowed) => {
    const answer = authorize({ ...request('/ping'), headers, query });
    expect(answer === null).toBe(allowed);
    if (answer !== null) expect(answer).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
  });
});

describe('transactions', () => {
  const put = (body: unknown) =>
    route('/transactions/:txnId').handle({ ...request('/transactions/1', body), params: { txnId: '1' } });

  test('200 when kept, with signals under both keys', async () => {
    keeps = true;
    const body = { events: [{}], ephemeral: [1], 'de.sorunome.msc2409.ephemeral': [2] };
    expect(await put(body)).toEqual({ status: 200, body: {} });
    expect(taken.at(-1)).toEqual({ id: '1', events: [{}], ephemeral: [1, 2] });
  });

  test('503 when not, so that it comes again', async () => {
    keeps = false;
    expect(await put({ events: [] })).toMatchObject({ status: 503, body: { errcode: 'M_UNKNOWN' } });
    keeps = true;
  });

  test.each([[undefined], [null], [[]], [{ events: {} }]])('%o is an empty one', async (body) => {
    expect(await put(body)).toMatchObject({ status: 200 });
    expect(taken.at(-1)).toEqual({ id: '1', events: [], ephemeral: [] });
  });

  test('may be as large as the homeserver makes them', () => {
    expect(route('/transactions/:txnId').bodyBytesMax).toBe(TRANSACTION_BYTES_MAX);
    expect(TRANSACTION_BYTES_MAX).toBeGreaterThan(16 * 1024 * 1024);
  });

  test('are refused while the bridge is not open', async () => {
    const closed = httpFace(settings, () => null);
    expect(await route('/transactions/:txnId', closed).handle(request('x', {}))).toMatchObject({
      status: 503,
    });
  });
});

describe('the other calls', () => {
  test('ping, users, rooms, and what is not there', async () => {
    expect(await route('/ping').handle(request('/ping', {}))).toEqual({ status: 200, body: {} });
    const users = (userId: string) => route('/users/:userId').handle({ ...request('x'), params: { userId } });
    expect(await users('@_brygga_bot:agency.test')).toMatchObject({ status: 200 });
    expect(await users('@_brygga_x_y:agency.test')).toMatchObject({
      status: 404,
      body: { errcode: 'M_NOT_FOUND' },
    });
    expect(await route('/rooms/:roomAlias').handle(request('x'))).toMatchObject({ status: 404 });
    expect(face.unknown('path')).toMatchObject({ status: 404, body: { errcode: 'M_UNRECOGNIZED' } });
    expect(face.unknown('method')).toMatchObject({ status: 405, body: { errcode: 'M_UNRECOGNIZED' } });
    expect(face).toMatchObject({ host: '127.0.0.1', port: 9005 });
  });
});
