import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { systemClock } from '@brygga/contract';
import { networkId } from '@brygga/event';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Homeserver, openHomeserver, path } from '../src/homeserver.ts';
import { MatrixSettings } from '../src/settings.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
let handler: Handler = () => undefined;
const server = createServer((request, response) => handler(request, response));
let homeserver: Homeserver;
const asToken = 'c4b1a2d3e4f5061728394a5b6c7d8e9f';

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const settings = MatrixSettings.parse({
    homeserverUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    serverName: 'hs.test',
    asToken,
    hsToken: '9f8e7d6c5b4a39281706f5e4d3c2b1a0',
    listen: { port: 9005 },
  });
  homeserver = await openHomeserver(networkId('near'), settings, systemClock);
});
afterAll(async () => {
  await homeserver.close();
  server.closeAllConnections();
  server.close();
});

const answers = (status: number, body: string, headers: Record<string, string> = {}): void => {
  handler = (_, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
};
const get = () => homeserver.call({ as: null, method: 'GET', path: path`/versions` });

describe('a call through the library', () => {
  test('carries the token, who acts, and the parameters', async () => {
    const seen: { url: string; authorization: string | undefined; body: string }[] = [];
    handler = (request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        seen.push({ url: request.url ?? '', authorization: request.headers.authorization, body });
        response.end('{"event_id":"$1"}');
      });
    };
    const answer = await homeserver.call({
      as: '@_brygga_x_y:hs.test',
      method: 'PUT',
      path: path`/v3/rooms/${'!a/b:c d'}/send/m.room.message/${'txn'}`,
      query: { device_id: 'BRYGGA', ts: '5' },
      body: { body: 'å' },
    });
    expect(answer).toEqual({ ok: true, value: { event_id: '$1' } });
    const url = new URL(seen[0]?.url ?? '', 'http://hs');
    expect(url.pathname).toBe('/_matrix/client/v3/rooms/!a%2Fb%3Ac%20d/send/m.room.message/txn');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      device_id: 'BRYGGA',
      ts: '5',
      user_id: '@_brygga_x_y:hs.test',
    });
    expect(seen[0]).toMatchObject({ authorization: `Bearer ${asToken}`, body: '{"body":"å"}' });
  });

  test.each([
    [
      429,
      '{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1500}',
      { 'retry-after': '3' },
      { errcode: 'M_LIMIT_EXCEEDED', afterMs: 3000 },
    ],
    [
      429,
      '{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1500}',
      {},
      { errcode: 'M_LIMIT_EXCEEDED', afterMs: 1500 },
    ],
    [429, '{"errcode":"M_LIMIT_EXCEEDED"}', { 'retry-after': '0.5' }, { afterMs: 500 }],
    [429, '', {}, { errcode: '', afterMs: null }],
    [502, '<html>bad gateway</html>', {}, { errcode: '', afterMs: null }],
    [403, '{"errcode":"M_FORBIDDEN"}', {}, { errcode: 'M_FORBIDDEN' }],
    [400, '{"errcode":"ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE"}', {}, { errcode: 'M_UNKNOWN_DEVICE' }],
    [302, '', { location: 'http://elsewhere/' }, { errcode: '' }],
  ])('%i %s', async (status, body, headers, failure) => {
    answers(status, body, headers);
    expect(await get()).toMatchObject({ ok: false, failure: { kind: 'refusal', status, ...failure } });
  });

  test('a connection cut before the answer', async () => {
    handler = (request) => request.socket.destroy();
    expect(await get()).toEqual({ ok: false, failure: { kind: 'trouble', reason: 'lost', sent: true } });
  });

  test('time is up, or the caller gives up', async () => {
    handler = () => undefined;
    const late = await homeserver.call({ as: null, method: 'GET', path: path`/versions`, timeoutMs: 20 });
    expect(late).toMatchObject({ failure: { reason: 'timeout', sent: true } });
    const stop = new AbortController();
    handler = () => stop.abort();
    const given = await homeserver.call({
      as: null,
      method: 'GET',
      path: path`/versions`,
      signal: stop.signal,
    });
    expect(given).toMatchObject({ failure: { reason: 'aborted', sent: true } });
  });

  test('writes nothing to the console, whatever happens', async () => {
    const written = vi.spyOn(process.stdout, 'write');
    const complained = vi.spyOn(process.stderr, 'write');
    answers(403, '{"errcode":"M_FORBIDDEN","error":"secret words"}');
    await get();
    const lines = JSON.stringify([...written.mock.calls, ...complained.mock.calls]);
    written.mockRestore();
    complained.mockRestore();
    expect(lines).not.toContain('secret words');
  });
});
