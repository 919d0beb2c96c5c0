import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startRedis } from './index.ts';
import { lives, until } from './observe.ts';
import type { RedisServer } from './types.ts';

/** One inline command on a connection of its own; the raw answer. */
async function command(server: RedisServer, line: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write(`${line}\r\n`);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer).trim();
}

describe('redis', () => {
  it('keeps what was written over stop, and over kill -9 with appendfsync always', async () => {
    const server = await startRedis({ appendfsync: 'always' });
    await command(server, 'SET tea yes');
    await server.stop();
    await server.start();
    expect(await command(server, 'GET tea')).toBe('$3\r\nyes');
    await command(server, 'SET tea no');
    await server.stop({ signal: 'SIGKILL' });
    await server.start();
    expect(await command(server, 'GET tea')).toBe('$2\r\nno');
    await server.stop({ wipe: true });
    expect(existsSync(server.folder)).toBe(false);
  });

  it('runs with the settings asked for', async () => {
    const server = await startRedis({ appendonly: false, policy: 'allkeys-lru' });
    expect(await command(server, 'CONFIG GET appendonly')).toContain('\r\nno');
    expect(await command(server, 'CONFIG GET maxmemory-policy')).toContain('allkeys-lru');
    expect(await command(server, 'CONFIG GET appendfsync')).toContain('everysec');
    await server.stop({ wipe: true });
  });

  it('goes on in a folder that an earlier one left', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'brygga-kept-'));
    const first = await startRedis({ folder });
    await command(first, 'SET tea yes');
    await first.stop();
    const second = await startRedis({ folder });
    expect(await command(second, 'GET tea')).toBe('$3\r\nyes');
    await second.stop({ wipe: true });
    expect(existsSync(folder)).toBe(false);
  });

  it('says what went wrong, with the end of the log', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'brygga-bad-'));
    await expect(startRedis({ folder, policy: 'nonsense' })).rejects.toThrow(/ended instead[\s\S]*nonsense/);
    await rm(folder, { recursive: true });
  });

  it('does not start on a port that somebody took meanwhile', async () => {
    const server = await startRedis();
    await server.stop();
    const other = createServer().listen(server.ports.redis, '127.0.0.1');
    await once(other, 'listening');
    await expect(server.start()).rejects.toThrow('taken by another program');
    other.close();
    await once(other, 'close');
    await server.start();
    await server.stop({ wipe: true });
  });

  it('dies with the process that started it, also when frozen', async () => {
    const index = new URL('./index.ts', import.meta.url).href;
    const script = `
      const { startRedis } = await import('${index}');
      const one = await startRedis(), two = await startRedis();
      two.suspend();
      console.log(JSON.stringify([one.pid, two.pid, one.folder, two.folder]));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(parent.stdout, 'data');
    const [one, two, ...folders] = JSON.parse(String(line)) as [number, number, string, string];
    expect([lives(one), lives(two)]).toEqual([true, true]);
    parent.kill('SIGKILL');
    await until('both gone', () => !lives(one) && !lives(two));
    for (const folder of folders) await rm(folder, { recursive: true });
  });
});
