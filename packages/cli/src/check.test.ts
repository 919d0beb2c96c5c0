import type { Clock, Finding } from '@brygga/contract';
import { systemClock } from '@brygga/contract';
import { describe, expect, test } from 'vitest';
import type { Io } from './io.ts';
import { held, heldIo, only, type Ran } from './testing/run.ts';

type Mood = 'ok' | 'warn' | 'fail' | 'silent' | 'broken' | 'chatty' | 'unborn';

const SEALED = `{ id: k1, key: "${Buffer.alloc(32, 1).toString('base64')}" }`;

const settings = (moods: readonly Mood[], more = '', redis = `sealKeys: [${SEALED}]`): string => `
redis: { ${redis} }
organisations: [{ id: north, name: Northern Watch }]
networks:
${moods.map((mood, index) => `  - { id: n${index}, bridge: semaphore, organisation: north, settings: { server: "https://h", token: key-of-tower, mood: ${mood}${more} } }`).join('\n')}
`;

/** Thirty seconds pass at once. */
const hasty: Clock = { ...systemClock, sleep: async (ms) => void (await systemClock.sleep(ms / 1000)) };

const check = (text: string, args: readonly string[] = ['--online'], io: Partial<Io> = {}): Promise<Ran> =>
  held(['check', '-c', 'a.yaml', ...args], { clock: hasty, ...only(text), ...io });

const redis = (findings: readonly Finding[]): Partial<Io> => ({
  hub: { ...heldIo().io.hub, checkRedis: async () => findings },
});

describe('brygga check', () => {
  test('offline asks nobody', async () => {
    const { exit, out } = await check(settings(['fail']), []);
    expect(exit).toBe(0);
    expect(out).toContain('ok    1 organisation, 1 network, 0 rooms with 0 links');
    expect(out).toMatch(/2 ok, 0 warn, 0 fail; add --online/);
  });

  test('online: groups with marks, remedies, a countable last line', async () => {
    const { exit, out } = await check(settings(['ok', 'warn', 'fail']));
    expect(exit).toBe(1);
    expect(out).toContain('redis\n  ok    Redis 7.2\n');
    expect(out).toContain('n0 (Semaphore)\n  ok    the tower sees us\n');
    expect(out).toContain('n1 (Semaphore)\n  warn  the flags are faded\n        paint the flags\n');
    expect(out).toMatch(/\n4 ok, 1 warn, 1 fail\n$/);
  });

  test('contents that are not sealed, with how to have them so', async () => {
    const { exit, out } = await check(settings(['ok'], '', ''), []);
    expect(exit).toBe(0);
    expect(out).toMatch(/warn {2}contents are not sealed: .*\n {8}make a key \(openssl rand -base64 32\)/);
    expect(out).toMatch(/1 ok, 1 warn, 0 fail/);
    const off = await check(settings(['ok'], '', `sealKeys: [${SEALED}], seal: false`), []);
    expect(off.out).toMatch(/warn {2}contents are not sealed: .*\n {8}set redis.seal: true/);
    expect((await check(settings(['ok']), [])).out).toContain('ok    contents are sealed (key k1)');
    const strict = `${settings(['ok'], '', '')}hub: { strict: true }\n`;
    expect((await check(strict, [])).exit).toBe(3);
  });

  test('links that another hub carries for', async () => {
    const found: Finding = {
      level: 'warn',
      what: 'the link n0 of the room r: nothing is carried',
      remedy: 'agree',
    };
    const hub = { ...heldIo().io.hub, checkOtherHubs: async () => [found] };
    const { exit, out } = await check(settings(['ok']), ['--online'], { hub });
    expect(exit).toBe(0);
    expect(out).toContain(
      'other hubs\n  warn  the link n0 of the room r: nothing is carried\n        agree\n',
    );
    expect((await check(settings(['ok']), [], { hub })).out).not.toContain('other hubs');
  });

  test('a network that does not answer is named, the others are asked', async () => {
    const { exit, out } = await check(settings(['silent', 'ok']));
    expect(exit).toBe(1);
    expect(out).toContain('n0 (Semaphore)\n  fail  no answer within 30 s');
    expect(out).toContain('the tower sees us');
  });

  test('more networks than are asked at a time come in the order of the settings', async () => {
    const { out } = await check(
      settings(Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? 'ok' : 'warn'))),
    );
    const names = [...out.matchAll(/^n(\d+) /gm)].map(([, n]) => Number(n));
    expect(names).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });

  test.each(['broken', 'unborn'] as const)(
    'a bridge that is %s is a defect, its message stays out',
    async (mood) => {
      const { exit, out, err } = await check(settings([mood]));
      expect(exit).toBe(1);
      expect(out).toMatch(/the check itself broke: Error at semaphore\.ts:\d+/);
      expect(out + err).not.toContain('key-of-tower');
    },
  );

  test('what a server says can neither give away a secret nor forge a line', async () => {
    const { out } = await check(settings(['chatty']));
    expect(out).toContain('  warn  key *** fail\n        not ***\n');
  });

  test('strict makes warnings fail, with an exit code of its own', async () => {
    const strict = `${settings(['warn'])}hub: { strict: true }\n`;
    expect((await check(strict)).exit).toBe(3);
    expect((await check(settings(['warn']))).exit).toBe(0);
    expect(JSON.parse((await check(strict, ['--online', '--json'])).out)).toMatchObject({ ok: false });
    expect((await check(`${settings(['fail', 'warn'])}hub: { strict: true }\n`)).exit).toBe(1);
  });

  test('one network', async () => {
    const { exit, out } = await check(settings(['fail', 'ok']), ['--network', 'n1']);
    expect(exit).toBe(0);
    expect(out).not.toMatch(/n0|redis/);
    const unknown = await check(settings(['ok']), ['--network', 'n7']);
    expect(unknown).toMatchObject({ exit: 2, err: 'brygga: there is no network "n7": did you mean "n0"?\n' });
  });

  test('Redis', async () => {
    const down: Finding = { level: 'fail', what: 'cannot reach redis://:hunter22@h', remedy: 'start it' };
    const text = settings(['ok'], '', 'url: "redis://:hunter22@h"');
    const { exit, out } = await check(text, ['--online'], redis([down]));
    expect(exit).toBe(1);
    expect(out).toContain('fail  cannot reach redis://***@h');
  });

  test('two networks on one port', async () => {
    const { exit, out } = await check(settings(['ok', 'ok'], ', port: 9000'));
    expect(exit).toBe(1);
    expect(out).toContain('fail  n0 and n1 both listen on port 9000');
    expect((await check(settings(['ok'], ', port: 8080'))).out).toContain('hub.http and n0 both listen');
  });

  test('JSON', async () => {
    const { out } = await check(settings(['warn']), ['--online', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      online: true,
      summary: { ok: 3, warn: 1, fail: 0 },
      problems: [],
      groups: [
        { name: 'settings' },
        { name: 'redis' },
        { name: 'n0 (Semaphore)', findings: [{ level: 'warn' }] },
      ],
    });
  });

  test('tells a person what it waits for', async () => {
    const watched = { out: true, err: true };
    const { out, err } = await check(settings(['ok']), ['--online'], { watched });
    expect(err).toContain('asking Redis');
    expect(err).toContain('asking n0');
    expect(err.endsWith('\r\u001b[K')).toBe(true);
    expect(out).not.toContain('asking');
    expect((await check(settings(['ok']))).err).toBe('');
  });
});
