import type { HttpFace, HttpRequest, HttpRoute } from '@brygga/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../test/servers/index.ts';
import { HttpListeners, openStatus } from './http.ts';

let listeners: HttpListeners;
let port: number;
let handled: HttpRequest[];
let asked: Omit<HttpRequest, 'body'>[];
beforeEach(async () => {
  listeners = new HttpListeners();
  port = await freePort();
  handled = [];
  asked = [];
});
afterEach(() => listeners.close('n'));

const route = (more: Partial<HttpRoute> = {}): HttpRoute => ({
  method: 'PUT',
  path: '/transactions/:id',
  bodyBytesMax: 100,
  authorize: (request) => {
    asked.push(request);
    return request.headers.authorization === 'Bearer right'
      ? null
      : { status: 403, headers: { 'x-why': 'token' }, body: { code: 'FORBIDDEN' } };
  },
  handle: async (request) => {
    handled.push(request);
    return { status: 200, body: {} };
  },
  ...more,
});
const face = (...routes: HttpRoute[]): HttpFace => ({
  host: '127.0.0.1',
  port,
  routes,
  unknown: (kind) => ({ status: kind === 'path' ? 404 : 405, body: { code: kind } }),
});

async function call(path: string, init: RequestInit = {}, token = 'right') {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'PUT',
    body: '{}',
    headers,
    ...init,
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : JSON.parse(text), headers: answer.headers };
}

const large = { body: JSON.stringify('x'.repeat(200)) };

describe('a listener', () => {
  beforeEach(() => listeners.open('n', face(route())));

  it('hands over what was asked for, path parameters and all', async () => {
    const answer = await call('/transactions/a%2Fb?since=1&x=2', { body: '{"events":[1]}' });
    expect(answer).toMatchObject({ status: 200, body: {} });
    expect(handled[0]).toMatchObject({
      method: 'PUT',
      path: '/transactions/a%2Fb',
      params: { id: 'a/b' },
      query: { since: '1', x: '2' },
      body: { events: [1] },
    });
  });

  it('authorises before the body is read', async () => {
    const answer = await call('/transactions/1', { body: `{"broken` }, 'wrong');
    expect(answer).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(answer.headers.get('x-why')).toBe('token');
    expect((await call('/transactions/1', large, 'wrong')).status).toBe(403);
    expect(asked).toHaveLength(2);
    expect(handled).toEqual([]);
  });

  it('bounds bodies, and repeats nothing of what it refuses', async () => {
    expect(await call('/transactions/1', large)).toMatchObject({ status: 413, body: { error: 'refused' } });
    const broken = await call('/transactions/1', { body: '{"secret' });
    expect(broken).toMatchObject({ status: 400, body: { error: 'refused' } });
    expect(handled).toEqual([]);
  });

  it('tells an unknown path from an unknown method, whatever is sent along', async () => {
    expect(await call('/elsewhere', large)).toMatchObject({ status: 404, body: { code: 'path' } });
    expect(await call('/transactions/1', { method: 'POST' })).toMatchObject({
      status: 405,
      body: { code: 'method' },
    });
    expect(await call('/transactions/1/2')).toMatchObject({ status: 404 });
  });

  it('takes long parameters', async () => {
    const id = 'x'.repeat(1500);
    expect((await call(`/transactions/${id}`)).status).toBe(200);
    expect(handled[0]?.params).toEqual({ id });
  });

  it('is gone after its close, and may be opened again', async () => {
    await listeners.close('n');
    await expect(call('/transactions/1')).rejects.toThrow();
    await listeners.open('n', face(route()));
    expect((await call('/transactions/1')).status).toBe(200);
  });
});

describe('a route', () => {
  it('with a defect answers 500 and nothing of the error', async () => {
    const failing = route({ handle: () => Promise.reject(new Error('what ada wrote')) });
    await listeners.open('n', face(failing));
    const answer = await call('/transactions/1');
    expect(answer).toMatchObject({ status: 500, body: { error: 'internal' } });
  });

  it('has letters in its path taken as they are', async () => {
    await listeners.open('n', face(route({ path: '/a.b/:id' })));
    expect((await call('/axb/1', { method: 'POST' })).status).toBe(404);
    expect((await call('/a.b/1', { method: 'POST' })).status).toBe(405);
    expect((await call('/a.b/1')).status).toBe(200);
  });
});

describe('the status pages', () => {
  it('say that the process lives, whether it can work, and give the metrics', async () => {
    let unready: Record<string, string> = { redis: 'down' };
    let cut = {};
    const pages = await openStatus({
      host: '127.0.0.1',
      port: 0,
      unready: async () => unready,
      networks: () => ({ near: 'up', far: 'standby' }),
      cut: () => cut,
      metrics: async () => ({ type: 'text/plain; version=0.0.4', text: 'brygga_up 1\n' }),
    });
    const get = async (path: string) => {
      const answer = await fetch(pages.url + path);
      return [answer.status, await answer.text(), answer.headers.get('content-type')?.split(';')[0]];
    };
    const json = 'application/json';
    expect(await get('/healthz')).toEqual([200, '{"status":"ok"}', json]);
    const networks = '"networks":{"near":"up","far":"standby"}';
    const waiting = `{"status":"not ready","waitingFor":{"redis":"down"},${networks}}`;
    expect(await get('/readyz')).toEqual([503, waiting, json]);
    unready = {};
    expect(await get('/readyz')).toEqual([200, `{"status":"ready","waitingFor":{},${networks}}`, json]);
    cut = { 'r/b': 'otherHub' };
    expect((await get('/readyz'))[1]).toContain('"cut":{"r/b":"otherHub"}');
    expect(await get('/metrics')).toEqual([200, 'brygga_up 1\n', 'text/plain']);
    expect((await get('/else'))[0]).toBe(404);
    await pages.close();
  });
});
