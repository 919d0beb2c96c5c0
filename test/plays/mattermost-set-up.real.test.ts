import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { check } from '../house/command.ts';
import { addChannel, PASSWORD, type Stage, setUp } from '../networks/mattermost/bootstrap.ts';
import { type MattermostServer, startMattermost } from '../networks/mattermost/index.ts';
import { type RedisServer, startRedis } from '../servers/index.ts';

const run = promisify(execFile);
const README = readFileSync(new URL('../../bridges/mattermost/README.md', import.meta.url), 'utf8');
const [, STEPS = ''] = /<!-- set-up[^>]*-->(.*)<!-- \/set-up -->/s.exec(README) ?? [];

/** The code of that language in the steps, without what indents it. */
const code = (language: string): string[] =>
  [...STEPS.matchAll(new RegExp(`^   \`\`\`${language}\n(.*?)^   \`\`\`$`, 'gms'))].map(([, text = '']) =>
    text.replace(/^ {3}/gm, ''),
  );

let server: MattermostServer;
let stage: Stage;
let redis: RedisServer;
const folder = mkdtempSync(join(tmpdir(), 'brygga-set-up-'));
beforeAll(async () => {
  server = await startMattermost();
  stage = await setUp(server.url);
  redis = await startRedis();
});
afterAll(async () => {
  await Promise.all([server.stop(), redis.stop({ wipe: true })]);
  rmSync(folder, { recursive: true });
});

it('the steps of the README, as they stand, make a network in which the check finds nothing wrong', async () => {
  expect(STEPS.match(/^\d+\. /gm)).toHaveLength(10);
  const channel = await addChannel(stage.admin, stage.team, 'situation');
  const other = await addChannel(stage.admin, stage.team, 'other');
  const names = ['TOKEN', 'CHANNEL_ID', 'HOOK', 'BOT'];
  const script = [...code('sh'), ...names.map((name) => `echo "${name}=$${name}"`)].join('\n');
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
    env: {
      ...process.env,
      MM: server.url,
      LOGIN: 'admin',
      PASSWORD,
      TEAM: String(stage.team.name),
      CHANNEL: String(channel.name),
    },
  });
  const made = new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  );
  expect(made.get('CHANNEL_ID')).toBe(channel.id);

  const [yaml = ''] = code('yaml');
  const given = new Map([...made, ['MM', server.url]]);
  const filled = yaml
    .replaceAll('CHANNEL_ID', channel.id)
    .replace(/\$\{(\w+)\}/g, (_, name: string) => given.get(name) ?? '');
  const written = parse(filled) as {
    networks: object[];
    rooms: { name?: string; links: object[] }[];
  };
  // The other end of the room, which a README about one network has not.
  const [room] = written.rooms;
  room?.links.push({ id: 'other', network: 'fk-mattermost', channel: other.id });
  await stage.admin.rest.must('POST', `/channels/${other.id}/members`, { user_id: made.get('BOT') });
  const settings = {
    redis: { url: redis.url },
    organisations: [{ id: 'fk', name: 'Försäkringskassan' }],
    ...written,
    rooms: [{ ...room, name: 'Situation' }],
  };
  const file = join(folder, 'brygga.yaml');
  writeFileSync(file, stringify(settings), { mode: 0o600 });
  const { code: ended, found } = await check(file, '--online');
  expect(ended).toBe(0);
  const ours = found
    .filter(({ what }) => /bot|webhook|Enable/.test(what))
    .map(({ level, what }) => `${level}: ${what}`);
  expect(ours).toEqual([
    "ok: the token is the bot's @brygga",
    'ok: EnableIncomingWebhooks is on',
    'ok: EnablePostUsernameOverride is on',
    'ok: the bot may do what it has to',
    expect.stringContaining('ok: the bot does not remove'),
    'ok: the bot is in channel situation',
    expect.stringContaining('ok: channel situation has a webhook'),
    'ok: the bot is in channel other',
    expect.stringContaining('warn: channel other has no webhook'),
  ]);
});
