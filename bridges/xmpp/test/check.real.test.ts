import { type CheckContext, type Finding, systemClock } from '@brygga/contract';
import { type ChannelId, channelId, networkId } from '@brygga/event';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { el } from '../src/element.ts';
import { type XmppSettings, xmpp } from '../src/index.ts';
import { until } from './support/context.ts';
import { configure, Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start({ archive: 'memory', users: { brygga: 'a password' } });
});
afterAll(() => stage.stop());

function check(settings: XmppSettings, ...channels: readonly ChannelId[]): Promise<readonly Finding[]> {
  const ctx: CheckContext<XmppSettings> = {
    network: networkId('xmpp-test'),
    settings,
    channels,
    clock: systemClock,
    signal: AbortSignal.timeout(60_000),
  };
  return stage.create(settings).check(ctx);
}
const levels = (findings: readonly Finding[]) => findings.map((finding) => finding.level);

it('finds everything right, and leaves again', async () => {
  const room = stage.room();
  const owner = await stage.natives.join('owner', room, 'Olga');
  await owner.admin(el('item', { affiliation: 'admin', jid: 'brygga@bridge.localhost' }));
  const findings = await check(stage.settings(), room);
  expect(findings.filter((finding) => finding.level !== 'ok')).toEqual([]);
  expect(findings.at(-1)?.what).toBe(`${room}: the bot enters as moderator, admin`);
  await until('gone again', () =>
    owner.heard.some((s) => s.name === 'presence' && s.attrs.type === 'unavailable'),
  );
});

it('tells a wrong secret, an unknown domain, and a server that is not there', async () => {
  const secret = await check(stage.settings({ secret: 'x'.repeat(20) }));
  expect(secret).toMatchObject([{ level: 'fail', what: expect.stringContaining('refuses the secret') }]);
  const domain = await check(stage.settings({ domain: 'nobody.localhost' }));
  expect(levels(domain)).toEqual(['fail']);
  const port = await check(stage.settings({ port: 1 }));
  expect(port).toMatchObject([{ level: 'fail', remedy: expect.stringContaining('component_ports') }]);
});

it('knows an instance that is running by the conflict', async () => {
  const scene = await stage.scene();
  expect(await check(scene.settings, scene.room)).toMatchObject([
    { level: 'ok', what: expect.stringContaining('secret is right') },
  ]);
  await scene.close();
});

it('names what a room lacks, with a remedy', async () => {
  const room = stage.room();
  const owner = await stage.natives.join('owner', room, 'Olga');
  await configure(owner, { 'muc#roomconfig_membersonly': '1', 'muc#roomconfig_moderatedroom': '1' });
  const closed = await check(stage.settings(), room);
  expect(closed.at(-1)).toMatchObject({ level: 'fail', remedy: expect.stringContaining('admin') });
  const missing = await check(stage.settings(), channelId(`nowhere@${stage.server.muc}`));
  expect(missing.at(-1)).toMatchObject({ level: 'warn', what: expect.stringContaining('does not exist') });
  const wrong = await check(stage.settings(), channelId('room@muc.elsewhere.example'));
  expect(wrong.at(-1)?.level).toBe('fail');
  for (const finding of [...closed, ...missing, ...wrong]) {
    expect(finding.level === 'ok' || finding.remedy !== undefined).toBe(true);
  }
});

it('looks through an account, too', async () => {
  const room = stage.room();
  await stage.natives.join('owner', room, 'Olga');
  const account = {
    mode: 'account',
    host: '127.0.0.1',
    port: stage.server.c2sPort,
    tls: 'none',
    domain: stage.server.domain,
    username: 'brygga',
    password: 'a password',
  };
  const findings = await check(xmpp.settings.parse(account), room);
  expect(findings.some((finding) => finding.what.includes('the bot enters as participant'))).toBe(true);
  expect(levels(await check(xmpp.settings.parse({ ...account, password: 'wrong' })))).toEqual(['fail']);
  expect(await check(xmpp.settings.parse({ ...account, tls: 'starttls' }))).toMatchObject([
    { level: 'fail', what: 'the server offers no TLS' },
  ]);
});
