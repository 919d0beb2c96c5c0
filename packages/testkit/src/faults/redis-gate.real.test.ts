import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../../test/servers/index.ts';
import { waitFor } from '../wait.ts';
import { type RedisFault, RedisGate } from './redis-gate.ts';

let server: RedisServer;
let raw: Redis;
beforeAll(async () => {
  server = await startRedis();
  raw = new Redis(server.url);
});
afterAll(async () => {
  raw.disconnect();
  await server.stop({ wipe: true });
});

let gate: RedisGate;
let client: Redis;
async function through(): Promise<void> {
  await raw.flushall();
  gate = await RedisGate.to(server.url);
  client = new Redis(gate.url, { maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false });
  client.on('error', () => undefined);
  await client.ping();
}
afterEach(() => {
  client.disconnect();
  gate.close();
});

/** Three writes in one piece, the second of which meets the fault: what became of each. */
async function three(fault: RedisFault): Promise<string[]> {
  gate.meet = (command) => (command.includes('two') ? fault : undefined);
  const writes = ['one', 'two', 'three'].map((key) =>
    client.set(key, 'x').then(
      () => 'answered',
      (error: Error) => (error.message.startsWith('OOM') ? 'full' : 'broken'),
    ),
  );
  const answers = await Promise.all(writes);
  gate.meet = null;
  return answers;
}
const written = async (): Promise<string[]> => (await raw.keys('*')).sort();

describe('one command', () => {
  it('that is refused was not carried out, what was asked before it is answered', async () => {
    await through();
    expect(await three('refuse')).toEqual(['answered', 'broken', 'broken']);
    expect(await written()).toEqual(['one']);
  });

  it('whose answer is lost was carried out', async () => {
    await through();
    expect(await three('lose')).toEqual(['answered', 'broken', 'broken']);
    expect(await written()).toEqual(['one', 'two']);
  });

  it('that meets a full Redis is told so, in its turn', async () => {
    await through();
    expect(await three('error')).toEqual(['answered', 'full', 'answered']);
    expect(await written()).toEqual(['one', 'three']);
  });

  it('that hangs is never answered, nor what comes after it, until somebody hangs up', async () => {
    await through();
    const asked = three('hang');
    await waitFor(async () => (await written()).includes('one'));
    expect(await Promise.race([asked, raw.ping()])).toBe('PONG');
    gate.cut();
    gate.heal();
    expect(await asked).toEqual(['answered', 'broken', 'broken']);
    expect(await written()).toEqual(['one']);
  });
});

describe('the whole gate', () => {
  it('cut lets nobody through until it is healed', async () => {
    await through();
    gate.cut();
    await expect(client.set('one', 'x')).rejects.toThrow();
    gate.heal();
    await waitFor(() => client.set('two', 'x'));
    expect(await written()).toEqual(['two']);
  });

  it('stalled lets arrive late what was sent meanwhile', async () => {
    await through();
    gate.stall();
    const late = client.set('late', 'x');
    await raw.ping();
    expect(await written()).toEqual([]);
    gate.flow();
    expect(await late).toBe('OK');
  });

  it('lets published messages pass, which answer nothing', async () => {
    await through();
    const heard: string[] = [];
    client.on('message', (_channel, text: string) => void heard.push(text));
    await client.subscribe('news');
    await raw.publish('news', 'one');
    await raw.publish('news', 'two');
    await waitFor(() => heard.length === 2);
    expect(heard).toEqual(['one', 'two']);
  });
});
