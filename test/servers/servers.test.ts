import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  prosodyAvailable,
  redisAvailable,
  startProsody,
  startRedis,
  startSynapse,
  synapseAvailable,
} from './index.ts';
import { isRoot, NOBODY } from './machine.ts';
import { listeners, lives, until, userOf } from './observe.ts';
import { accepts, answersPing, httpJson } from './probes.ts';
import type { RunningServer } from './types.ts';

interface Subject {
  available: boolean;
  start: () => Promise<RunningServer>;
  answers: (server: RunningServer) => Promise<boolean>;
}

const subjects: Record<string, Subject> = {
  redis: {
    available: (await redisAvailable()).ok,
    start: () => startRedis(),
    answers: (server) => answersPing(server.ports.redis ?? 0),
  },
  prosody: {
    available: (await prosodyAvailable()).ok,
    start: () => startProsody(),
    answers: (server) => accepts(server.ports.component ?? 0),
  },
  synapse: {
    available: (await synapseAvailable()).ok,
    start: () => startSynapse(),
    answers: (server) =>
      httpJson('GET', `http://127.0.0.1:${server.ports.http}/health`).then(
        () => true,
        () => false,
      ),
  },
};

for (const [name, subject] of Object.entries(subjects)) {
  describe(`any server: ${name}`, () => {
    let server: RunningServer;

    beforeAll(async () => {
      server = await subject.start();
    });
    afterAll(() => server.stop({ wipe: true }));

    it('answers, unprivileged, on loopback only, on the ports it says', async () => {
      expect(await subject.answers(server)).toBe(true);
      expect(userOf(server.pid)).toBe(isRoot() ? NOBODY : process.getuid?.());
      const ports = Object.values(server.ports).sort((a, b) => a - b);
      expect(listeners(server.pid)).toEqual(ports.map((port) => ({ loopback: true, port })));
    });

    it('refuses a second start while it runs', async () => {
      await expect(server.start()).rejects.toThrow('already running');
      expect(await subject.answers(server)).toBe(true);
    });

    it('stops by its process id and comes back on the same ports', async () => {
      const { pid, ports } = server;
      await server.stop();
      expect(lives(pid)).toBe(false);
      expect(await subject.answers(server)).toBe(false);
      expect(() => server.pid).toThrow('not running');
      await server.stop();
      await server.start();
      expect(server.ports).toEqual(ports);
      expect(server.pid).not.toBe(pid);
      expect(await subject.answers(server)).toBe(true);
    });

    it('comes back after kill -9, ours or from outside', async () => {
      await server.stop({ signal: 'SIGKILL' });
      await server.start();
      process.kill(server.pid, 'SIGKILL');
      await server.start();
      expect(await subject.answers(server)).toBe(true);
    });

    it('hangs while suspended and goes on when resumed', async () => {
      server.suspend();
      const port = Object.values(server.ports)[0] ?? 0;
      expect(await hearsNothing(port)).toBe(true);
      server.resume();
      await until('answers again', () => subject.answers(server));
    });

    it('stops while suspended', async () => {
      server.suspend();
      await server.stop();
      await server.start();
    });

    it('leaves no mount behind', () => {
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('brygga');
    });
  });
}

/** Connects (the kernel accepts for a frozen process), says something every server would answer, waits. */
function hearsNothing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
    const end = (silent: boolean): void => {
      socket.destroy();
      resolve(silent);
    };
    socket.setTimeout(500, () => end(true));
    socket.once('data', () => end(false));
    socket.once('error', () => end(false));
  });
}
