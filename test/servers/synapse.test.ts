import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startSynapse } from './index.ts';
import { until } from './observe.ts';
import type { SynapseServer } from './types.ts';

/** What a transaction to an application service looks like, as far as looked at. */
interface Transaction {
  events: { type: string; sender: string; content: { body?: string } }[];
}

const registration = (port: number, id = 'bridge'): string => `
id: ${id}
url: http://127.0.0.1:${port}
as_token: as-token-${id}
hs_token: hs-token-${id}
sender_localpart: ${id}
rate_limited: false
namespaces:
  users: [{ exclusive: true, regex: '@${id}_.*:agency\\.test' }]
  aliases: []
  rooms: []
`;

describe('synapse', () => {
  const transactions: Transaction[] = [];
  let server: SynapseServer;
  let appservice: Server;
  let appservicePort: number;

  beforeAll(async () => {
    appservicePort = await freePort();
    appservice = createServer((request, answer) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.url?.includes('/transactions/')) {
          transactions.push(JSON.parse(Buffer.concat(chunks).toString()) as Transaction);
        }
        answer.setHeader('content-type', 'application/json').end('{}');
      });
    }).listen(appservicePort, '127.0.0.1');
    server = await startSynapse({ serverName: 'agency.test', appservices: [registration(appservicePort)] });
  });
  afterAll(async () => {
    appservice.close();
    await server.stop({ wipe: true });
  });

  async function call(
    method: string,
    path: string,
    token: string,
    body?: object,
  ): Promise<Record<string, unknown>> {
    const answer = await fetch(`${server.url}/_matrix/client/v3${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, connection: 'close' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const parsed = (await answer.json()) as Record<string, unknown>;
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(parsed)}`);
    return parsed;
  }

  const heard = (text: string): boolean =>
    transactions.some(({ events }) => events.some((event) => event.content.body === text));

  it('registers an account, and knows it the second time', async () => {
    const first = await server.register('ada', 'secret');
    const second = await server.register('ada', 'secret');
    expect(first.userId).toBe('@ada:agency.test');
    expect(second.userId).toBe(first.userId);
    expect((await call('GET', '/account/whoami', second.accessToken)).user_id).toBe(first.userId);
    await expect(server.register('ada', 'wrong')).rejects.toThrow('403');
  });

  it('makes administrators', async () => {
    const { accessToken } = await server.register('root', 'secret', true);
    const answer = await fetch(`${server.url}/_synapse/admin/v1/server_version`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(answer.status).toBe(200);
  });

  it('pushes to an application service on loopback, and takes sends of its ghosts', async () => {
    const { accessToken } = await server.register('ada', 'secret');
    const { room_id: room } = await call('POST', '/createRoom', accessToken, { preset: 'public_chat' });
    await call('POST', '/register', 'as-token-bridge', {
      type: 'm.login.application_service',
      username: 'bridge_ben',
    });
    const asBen = 'user_id=@bridge_ben:agency.test';
    await call('POST', `/rooms/${room}/join?${asBen}`, 'as-token-bridge', {});
    const message = { msgtype: 'm.text', body: 'tea?' };
    await call('PUT', `/rooms/${room}/send/m.room.message/1`, accessToken, message);
    await until('the push', () => heard('tea?'));
    const send = `/rooms/${room}/send/m.room.message/2?${asBen}&ts=1700000000000`;
    await call('PUT', send, 'as-token-bridge', { msgtype: 'm.text', body: 'yes' });
    await until('the echo', () => heard('yes'));
  });

  it('sends many messages without meeting a limit', async () => {
    const { accessToken } = await server.register('ada', 'secret');
    const { room_id: room } = await call('POST', '/createRoom', accessToken, {});
    for (let count = 0; count < 30; count += 1) {
      const message = { msgtype: 'm.text', body: String(count) };
      await call('PUT', `/rooms/${room}/send/m.room.message/n${count}`, accessToken, message);
    }
  });

  it('takes a further application service, keeping accounts, and replaces one of the same id', async () => {
    const before = await server.register('ada', 'secret');
    await server.useAppservice(registration(appservicePort, 'other'));
    await server.useAppservice(registration(appservicePort, 'other'));
    const whoami = await call('GET', '/account/whoami', 'as-token-other');
    expect(whoami.user_id).toBe('@other:agency.test');
    expect((await call('GET', '/account/whoami', 'as-token-bridge')).user_id).toBe('@bridge:agency.test');
    expect((await call('GET', '/account/whoami', before.accessToken)).user_id).toBe('@ada:agency.test');
  });

  it('keeps a message that it confirmed over kill -9', async () => {
    const { accessToken } = await server.register('ada', 'secret');
    const { room_id: room } = await call('POST', '/createRoom', accessToken, {});
    const message = { msgtype: 'm.text', body: 'kept' };
    const { event_id: id } = await call('PUT', `/rooms/${room}/send/m.room.message/1`, accessToken, message);
    await server.stop({ signal: 'SIGKILL' });
    await server.start();
    expect((await call('GET', `/rooms/${room}/event/${id}`, accessToken)).content).toEqual(message);
  });
});
