import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProsody } from './index.ts';
import type { ProsodyServer } from './types.ts';
import { XmppProbe } from './xmpp-probe.ts';

const MUC = 'http://jabber.org/protocol/muc';
const ROOM = 'kitchen@muc.localhost';
const BOT = 'bridge.localhost';
const ADA = 'ada@users.localhost';

async function open(server: ProsodyServer, index: number): Promise<XmppProbe> {
  const account = server.components[index];
  if (!account) throw new Error(`no component ${index}`);
  return await XmppProbe.open(server.componentPort, account);
}

const join = (probe: XmppProbe, from: string, to: string): Promise<RegExpExecArray> =>
  probe.ask(
    `<presence from='${from}' to='${to}'><x xmlns='${MUC}'/></presence>`,
    /<presence[\s\S]*?code='110'[\s\S]*?<\/presence>/,
  );

const say = (from: string, id: string, text: string): string =>
  `<message from='${from}' to='${ROOM}' type='groupchat' id='${id}'><body>${text}</body></message>`;

const moderate = (stanzaId: string): string =>
  `<moderate id='${stanzaId}' xmlns='urn:xmpp:message-moderate:1'>` +
  "<retract xmlns='urn:xmpp:message-retract:1'/></moderate>";

const iq = (type: string, from: string, to: string, payload: string): string =>
  `<iq type='${type}' from='${from}' to='${to}' id='q${Math.random()}'>${payload}</iq>`;

describe('prosody', () => {
  let server: ProsodyServer;
  let bridge: XmppProbe;
  let users: XmppProbe;

  beforeAll(async () => {
    server = await startProsody({ users: { alice: 'pa"ss\\word' } });
    [bridge, users] = [await open(server, 0), await open(server, 2)];
  });
  afterAll(async () => {
    bridge.close();
    users.close();
    await server.stop({ wipe: true });
  });

  it('makes the component that joins first the owner of the room', async () => {
    const [presence] = await join(bridge, `${BOT}/bot`, `${ROOM}/bot`);
    expect(presence).toContain("affiliation='owner'");
    expect(presence).toContain("role='moderator'");
    expect(presence).toContain("code='201'");
  });

  it('does not lock the room: others come in as participants', async () => {
    const [presence] = await join(users, `${ADA}/phone`, `${ROOM}/Ada`);
    expect(presence).toContain("affiliation='none'");
    expect(presence).toContain("role='participant'");
  });

  it('stamps stanza-id and occupant-id', async () => {
    bridge.forget();
    users.send(say(`${ADA}/phone`, 'm1', 'tea?'));
    const [message] = await bridge.hear(/<message[^>]*id='m1'[\s\S]*?<\/message>/);
    expect(message).toMatch(/<stanza-id[^>]* by='kitchen@muc\.localhost'|<stanza-id[^>]*by='kitchen@muc/);
    expect(message).toMatch(/<occupant-id[^>]*urn:xmpp:occupant-id:0/);
  });

  it('answers an archive query of a component', async () => {
    const query = "<query xmlns='urn:xmpp:mam:2' queryid='a1'/>";
    await bridge.ask(iq('set', `${BOT}/bot`, ROOM, query), /<fin[^>]*urn:xmpp:mam:2/);
    expect(bridge.received).toContain('tea?');
  });

  it('lets the owner moderate a message (XEP-0425)', async () => {
    users.forget();
    bridge.forget();
    users.send(say(`${ADA}/phone`, 'm2', 'bad word'));
    const [message] = await bridge.hear(/<message[^>]*id='m2'[\s\S]*?<\/message>/);
    const stanzaId = /<stanza-id[^>]*\bid='([^']+)'/.exec(message)?.[1] ?? '';
    await bridge.ask(iq('set', `${BOT}/bot`, ROOM, moderate(stanzaId)), /<iq[^>]*type='result'/);
    const [retraction] = await users.hear(/<message[^>]*from='kitchen@muc\.localhost'[\s\S]*?<\/message>/);
    expect(retraction).toContain(stanzaId);
    expect(retraction).toContain('urn:xmpp:message-moderate:1');
    const info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    await bridge.ask(iq('get', BOT, ROOM, info), /urn:xmpp:message-moderate:1/);
  });

  it('refuses moderation by a participant', async () => {
    await users.ask(iq('set', `${ADA}/phone`, ROOM, moderate('x')), /type='error'[\s\S]*<forbidden/);
  });

  it('offers the persistence of a room to its owner', async () => {
    const form = `<query xmlns='${MUC}#owner'/>`;
    await bridge.ask(iq('get', BOT, ROOM, form), /muc#roomconfig_persistentroom/);
  });

  it('gives components a place to upload to', async () => {
    const slot =
      "<request xmlns='urn:xmpp:http:upload:0' filename='a.txt' size='3' content-type='text/plain'/>";
    const from = `ghost@${BOT}`;
    const [, put = ''] = await bridge.ask(iq('get', from, 'upload.localhost', slot), /<put url='([^']+)'/);
    const [, token = ''] = await bridge.hear(/<header name='Authorization'>([^<]+)</);
    const [, get = ''] = await bridge.hear(/<get url='([^']+)'/);
    const headers = { Authorization: token, 'content-type': 'text/plain' };
    expect((await fetch(put, { method: 'PUT', headers, body: 'tea' })).status).toBe(201);
    expect(await (await fetch(get)).text()).toBe('tea');
  });

  it('knows the accounts, also one made while it runs', async () => {
    await server.addUser('ben.o', 'åäö');
    expect(await logsIn('alice', 'pa"ss\\word')).toBe(true);
    expect(await logsIn('ben.o', 'åäö')).toBe(true);
    expect(await logsIn('alice', 'wrong')).toBe(false);
  });

  it('keeps rooms, owners and archive over kill -9 once the room was configured', async () => {
    // Prosody 13 writes a new room down only when its form is submitted, an affiliation set, or at its stop
    const form =
      "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>";
    await bridge.ask(iq('set', BOT, ROOM, form), /<iq[^>]*type='result'/);
    await server.stop({ signal: 'SIGKILL' });
    await server.start();
    [bridge, users] = [await open(server, 0), await open(server, 2)];
    const [ada] = await join(users, `${ADA}/phone`, `${ROOM}/Ada`);
    expect(ada).toContain("affiliation='none'");
    const [bot] = await join(bridge, `${BOT}/bot`, `${ROOM}/bot`);
    expect(bot).toContain("affiliation='owner'");
    const query = "<query xmlns='urn:xmpp:mam:2'/>";
    await bridge.ask(iq('set', `${BOT}/bot`, ROOM, query), /<fin[^>]*urn:xmpp:mam:2/);
    expect(bridge.received).toContain('tea?');
  });

  it('writes nothing worse than info into its log', async () => {
    expect(await server.log()).not.toMatch(/\t(warn|error)\t/);
  });

  /** SASL PLAIN over a plain client stream. */
  async function logsIn(name: string, password: string): Promise<boolean> {
    const probe = await XmppProbe.client(server.c2sPort, 'localhost');
    const secret = Buffer.from(`\0${name}\0${password}`).toString('base64');
    const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${secret}</auth>`;
    const [answer] = await probe.ask(auth, /<success|<failure/);
    probe.close();
    return answer === '<success';
  }
});

describe('prosody, other settings', () => {
  it('offers STARTTLS when asked to, and no stream management when told not to', async () => {
    const server = await startProsody({ tls: true, smacks: false, archive: 'none', domain: 'agency.test' });
    const client = await XmppProbe.client(server.c2sPort, 'agency.test');
    const features = client.received;
    client.close();
    expect(features).toContain('urn:ietf:params:xml:ns:xmpp-tls');
    expect(features).not.toContain('urn:xmpp:sm:3');
    expect([server.muc, server.components[1]?.domain]).toEqual(['muc.agency.test', 'bridge2.agency.test']);
    await server.stop({ wipe: true });
  });

  it('lets extraLua override an option of a component', async () => {
    const server = await startProsody({ extraLua: 'http_file_share_size_limit = 10' });
    const probe = await open(server, 0);
    const slot = "<request xmlns='urn:xmpp:http:upload:0' filename='a.txt' size='11'/>";
    await probe.ask(iq('get', BOT, 'upload.localhost', slot), /<max-file-size>10</);
    probe.close();
    await server.stop({ wipe: true });
  });

  for (const archive of ['internal', 'memory'] as const) {
    it(`archives rooms in ${archive} storage`, async () => {
      const server = await startProsody({ archive });
      const probe = await open(server, 0);
      await join(probe, `${BOT}/bot`, `${ROOM}/bot`);
      await probe.ask(say(`${BOT}/bot`, 'm1', 'tea?'), /<stanza-id/);
      const query = "<query xmlns='urn:xmpp:mam:2'/>";
      await probe.ask(iq('set', `${BOT}/bot`, ROOM, query), /<fin[^>]*urn:xmpp:mam:2/);
      expect(probe.received).toContain('tea?');
      probe.close();
      await server.stop({ wipe: true });
    });
  }
});
