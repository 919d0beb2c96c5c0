import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { waitFor } from '@brygga/testkit';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/servers/index.ts';
import { connect } from './connect.ts';

/** A sentinel whose answers and news come when a test says so: real ones cannot be made to speak at one moment. */
class PacedSentinel {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #master: string;
  readonly #held: (() => void)[] = [];
  readonly #listeners = new Set<Socket>();
  holds = false;
  asked = 0;

  constructor(master: string) {
    this.#master = master;
    this.#server = createServer((socket) => this.#met(socket)).listen(0, '127.0.0.1');
  }

  async host(): Promise<string> {
    if (!this.#server.listening) await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `127.0.0.1:${address.port}`;
  }

  /** How many want to hear of a fail-over. */
  get listening(): number {
    return this.#listeners.size;
  }

  /** Tells of a fail-over. */
  tell(): void {
    const [channel, text] = ['+switch-master', `brygga 127.0.0.1 1 127.0.0.1 ${this.#master}`];
    for (const socket of this.#listeners) socket.write(push(bulk('message') + bulk(channel) + bulk(text)));
  }

  release(): void {
    this.holds = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #met(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#listeners.delete(socket));
    socket.on('data', (data: Buffer) => {
      for (const command of commandsIn(data.toString())) this.#answer(socket, command);
    });
  }

  #answer(socket: Socket, [name = '', what = '', channel = '']: readonly string[]): void {
    if (name === 'subscribe') {
      this.#listeners.add(socket);
      socket.write(push(`${bulk('subscribe') + bulk(what)}:1\r\n`));
    } else if (what === 'get-master-addr-by-name') {
      this.asked += 1;
      const answer = (): void => void socket.write(array('127.0.0.1', this.#master));
      if (this.holds) this.#held.push(answer);
      else answer();
    } else if (name === 'hello') socket.write(`%1\r\n${bulk('proto')}:3\r\n`);
    else if (what === 'sentinels') socket.write('*0\r\n');
    else if (channel !== '') socket.write('+OK\r\n');
  }
}

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
/** Of three things: https://redis.io/docs/latest/develop/reference/protocol-spec/#pushes */
const push = (things: string): string => `>3\r\n${things}`;
const array = (...texts: readonly string[]): string => `*${texts.length}\r\n${texts.map(bulk).join('')}`;

/** The commands in a piece that a client wrote; the ones of this test are short, and never cut. */
function commandsIn(piece: string): string[][] {
  return piece
    .split(/\*\d+\r\n/)
    .filter((one) => one !== '')
    .map((one) => [...one.matchAll(/\$\d+\r\n(.*)\r\n/g)].map(([, word = '']) => word));
}

let redis: RedisServer;
let sentinel: PacedSentinel;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop({ wipe: true }));
beforeEach(() => {
  sentinel = new PacedSentinel(String(redis.ports.redis));
});
afterEach(() => sentinel.close());

it('a connection comes back when sentinels tell of a fail-over while they are being asked for the master', async () => {
  const place = { url: redis.url, sentinel: { name: 'brygga', hosts: [await sentinel.host()] } };
  const client = connect(place, 5000, () => undefined);
  await waitFor(() => client.status === 'ready' && sentinel.listening === 1);
  sentinel.holds = true;
  const admin = new Redis(redis.url);
  await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  admin.disconnect();
  await waitFor(() => sentinel.asked === 2);
  sentinel.tell();
  sentinel.release();
  await waitFor(() => client.status === 'ready', { withinMs: 10_000, what: () => client.status });
  expect(await client.ping()).toBe('PONG');
  client.disconnect();
});

it('a sentinel that says nothing is passed over', async () => {
  const other = new PacedSentinel(String(redis.ports.redis));
  sentinel.holds = true;
  const hosts = [await sentinel.host(), await other.host()];
  const client = connect({ url: redis.url, sentinel: { name: 'brygga', hosts } }, 5000, () => undefined);
  await waitFor(() => client.status === 'ready', { withinMs: 10_000, what: () => client.status });
  client.disconnect();
  other.close();
});
