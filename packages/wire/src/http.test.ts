import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { systemClock } from '@brygga/contract';
import { afterEach, describe, expect, test } from 'vitest';
import { type HttpClient, httpClient } from './http.ts';

const open: { server: Server; client: HttpClient }[] = [];

async function serve(listener: RequestListener, bounds: Parameters<typeof httpClient>[1] = {}) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = httpClient(systemClock, bounds);
  open.push({ server, client });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { client, url: new URL(`http://127.0.0.1:${address.port}/`) };
}

afterEach(async () => {
  for (const { server, client } of open.splice(0)) {
    await client.close();
    server.closeAllConnections();
    server.close();
  }
});

describe('httpClient', () => {
  test('hands over status, headers and body of any answer', async () => {
    const { client, url } = await serve((request, response) => {
      response.writeHead(429, { 'Retry-After': '2', 'x-method': request.method });
      request.pipe(response);
    });
    const reply = await client.request({ method: 'PUT', url, body: 'hej' });
    expect(reply).toMatchObject({ kind: 'reply', status: 429 });
    if (reply.kind !== 'reply') return;
    expect(reply.headers['retry-after']).toBe('2');
    expect(reply.headers['x-method']).toBe('PUT');
    expect(reply.body.toString()).toBe('hej');
  });

  test('nobody listening was certainly not sent', async () => {
    const { client, url } = await serve(() => undefined);
    open[0]?.server.close();
    const result = await client.request({ method: 'GET', url });
    expect(result).toEqual({ kind: 'trouble', reason: 'refused', sent: false });
  });

  test('a connection cut before the answer may have been sent', async () => {
    const { client, url } = await serve((request) => request.socket.destroy());
    const result = await client.request({ method: 'PUT', url, body: 'x' });
    expect(result).toEqual({ kind: 'trouble', reason: 'lost', sent: true });
  });

  test('a connection cut in the middle of the answer may have been sent', async () => {
    const { client, url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    const result = await client.request({ method: 'GET', url });
    expect(result).toMatchObject({ kind: 'trouble', sent: true });
  });

  test('an answer that does not come in time', async () => {
    const { client, url } = await serve(() => undefined);
    const result = await client.request({ method: 'GET', url, timeoutMs: 20 });
    expect(result).toEqual({ kind: 'trouble', reason: 'timeout', sent: true });
  });

  test('an answer that drips for ever is cut by the same limit', async () => {
    const { client, url } = await serve((_, response) => {
      response.write('a');
      const drip = (): void => void response.write('a', () => setImmediate(drip));
      drip();
    });
    const result = await client.request({ method: 'GET', url, timeoutMs: 50 });
    expect(result).toEqual({ kind: 'trouble', reason: 'timeout', sent: true });
  });

  test('an answer above the bound is refused', async () => {
    const { client, url } = await serve((_, response) => response.end('x'.repeat(2000)), {
      answerBytesMax: 1000,
    });
    const result = await client.request({ method: 'GET', url });
    expect(result).toEqual({ kind: 'trouble', reason: 'tooLarge', sent: true });
  });

  test('the caller may give up, before and meanwhile', async () => {
    const stop = new AbortController();
    const { client, url } = await serve(() => stop.abort());
    const meanwhile = await client.request({ method: 'GET', url, signal: stop.signal });
    expect(meanwhile).toEqual({ kind: 'trouble', reason: 'aborted', sent: true });
    const before = await client.request({ method: 'GET', url, signal: stop.signal });
    expect(before).toEqual({ kind: 'trouble', reason: 'aborted', sent: false });
  });
});
