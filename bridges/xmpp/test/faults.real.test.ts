import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { el } from '../src/element.ts';
import { attribute, NS } from '../src/stanza.ts';
import { until } from './support/context.ts';
import { persona } from './support/deliveries.ts';
import { nickOf, stanzaIdOf } from './support/natives.ts';
import { Relay } from './support/relay.ts';
import { firstOf, type Scene, Stage } from './support/stage.ts';

let stage: Stage;
let relay: Relay;
let scene: Scene;
beforeAll(async () => {
  stage = await Stage.start({ archive: 'memory' });
  relay = await Relay.to(stage.server.componentPort);
});
afterAll(async () => {
  await stage.stop();
  await relay.close();
});

afterEach(() => scene.close());

const anna = persona('Anna');

describe('sending', () => {
  it('loses and doubles nothing while the stream is cut again and again', async () => {
    scene = await stage.scene({ settings: { port: relay.port } });
    const texts = Array.from({ length: 120 }, (_, index) => `message ${index}`);
    let next = 0;
    const outcomes: string[] = [];
    for (let at = 0; at < texts.length; at += 16) {
      const window = texts.slice(at, at + 16).map((text) => scene.deliveries.message(anna, text));
      if (at % 32 === 16) relay.deafen();
      const results = window.map((delivery) => scene.insist(delivery));
      if (at % 32 === 16) {
        await scene.owner.hears(`message ${at + 2}`);
        relay.cut();
      }
      if (at === 64) relay.cut();
      for (const done of await Promise.all(results)) {
        outcomes.push(firstOf(done).id);
        next += 1;
      }
    }
    expect(next).toBe(texts.length);
    await scene.owner.hears('message 119');
    const heard = scene.owner.messages().filter((message) => nickOf(message).startsWith('Anna'));
    const bodies = heard.map((message) => message.getChildText('body'));
    expect(new Set(bodies).size).toBe(texts.length);
    expect(bodies).toHaveLength(texts.length);
    expect(new Set(heard.map(stanzaIdOf))).toEqual(new Set(outcomes));
    expect(scene.hub.messages().filter((text) => text.startsWith('message'))).toEqual([]);
    expect(scene.hub.states.filter((state) => state === 'up').length).toBeGreaterThan(4);
  });

  it('says at once that the network is down, and goes on when it is back', async () => {
    scene = await stage.scene({ settings: { port: relay.port } });
    relay.refuse(true);
    relay.cut();
    await until('down', () => scene.hub.state === 'down');
    const outcome = await scene.send(scene.deliveries.message(anna, 'while down'));
    expect(outcome).toMatchObject({ kind: 'later', code: 'NETWORK_DOWN' });
    relay.refuse(false);
    await scene.insist(scene.deliveries.message(anna, 'back again'));
    await scene.owner.hears('back again');
  });

  it('finds after a crash what it had written, though nobody recorded it', async () => {
    scene = await stage.scene();
    const said = scene.deliveries.message(anna, 'said once');
    const first = await scene.done(said);
    for (let index = 0; index < 120; index++) scene.owner.say(`noise ${index}`);
    await until('noise', () => scene.hub.messages().includes('noise 119'));
    await scene.reopen();
    const again = await scene.done({ ...said, maybeSent: true });
    expect(again.messages).toEqual(first.messages);
    const never = await scene.done({ ...scene.deliveries.message(anna, 'never said'), maybeSent: true });
    await scene.owner.hears('never said');
    expect(firstOf(never).id).not.toBe(firstOf(first).id);
    expect(scene.owner.bodies().filter((body) => body === 'said once')).toHaveLength(1);
  });

  it('settles what is under way when it is closed', async () => {
    scene = await stage.scene({ settings: { port: relay.port } });
    relay.deafen();
    const outcome = scene.send(scene.deliveries.message(anna, 'last words'));
    await scene.bridge.close();
    expect(['unsure', 'later']).toContain((await outcome).kind);
  });
});

describe('catching up', () => {
  it('hands over once, in order, what was said while the hub was away', async () => {
    scene = await stage.scene();
    const mine = await scene.done(scene.deliveries.message(anna, 'mine'));
    await scene.bridge.close();
    const before = scene.hub.events.length;
    for (let index = 0; index < 130; index++) scene.owner.say(`away ${index}`);
    const id = scene.owner.say('tpyo');
    scene.owner.say('typo', el('replace', { xmlns: NS.replace, id }));
    scene.owner.send(
      el('reactions', { xmlns: NS.reactions, id: firstOf(mine).id }, el('reaction', {}, '👍')),
      el('store', { xmlns: NS.hints }),
    );
    scene.owner.send(el('subject', {}, 'Changed meanwhile'));
    await scene.owner.hearsThat(
      'subject',
      (message) => message.getChildText('subject') === 'Changed meanwhile',
    );
    await scene.reopen();
    const fresh = scene.hub.events.slice(before);
    const texts = fresh.flatMap((event) => (event.kind === 'message' ? [event.plain] : []));
    expect(texts.slice(0, 131)).toEqual([
      ...Array.from({ length: 130 }, (_, index) => `away ${index}`),
      'tpyo',
    ]);
    expect(texts.filter((text) => text === 'mine')).toEqual([]);
    expect(scene.hub.of('edit').map((event) => event.plain)).toEqual(['typo']);
    expect(scene.hub.of('reaction').map((event) => event.emoji)).toEqual([['👍']]);
    expect(scene.hub.of('channel').map((event) => event.topic)).toEqual(['Changed meanwhile']);
    const typo = scene.hub.of('message').find((event) => event.plain === 'tpyo');
    expect(typo?.origin.aliases).toContain(scene.hub.of('edit')[0]?.target.natives[0]);
  });

  it('gives the same ids whether it saw a message or read it in the archive', async () => {
    scene = await stage.scene();
    const cursor = scene.hub.cursors.get(scene.room) ?? '';
    scene.owner.say('seen and read', el('origin-id', { xmlns: NS.stanzaId, id: 'other' }));
    scene.owner.say(
      'removed',
      el('retract', { xmlns: NS.retract, id: 'x' }),
      el('store', { xmlns: NS.hints }),
    );
    await until('seen', () => scene.hub.of('delete').length === 1);
    await scene.bridge.close();
    const events = [...scene.hub.events];
    const repeats = scene.hub.repeats;
    scene.hub.cursors.set(scene.room, cursor);
    await scene.reopen();
    expect(scene.hub.repeats - repeats).toBe(2);
    expect(scene.hub.events.slice(0, events.length)).toEqual(events);
    expect(scene.hub.of('delete')).toHaveLength(1);
  });

  it('reads by time when the archive does not know the cursor', async () => {
    scene = await stage.scene();
    await scene.bridge.close();
    scene.hub.cursors.set(scene.room, `${Date.now()}:no-such-id`);
    scene.owner.say('said meanwhile');
    await scene.reopen();
    expect(scene.hub.messages().filter((text) => text === 'said meanwhile')).toHaveLength(1);
  });

  it('begins now in a room it has never read', async () => {
    const room = stage.room();
    const owner = await stage.natives.join('owner2', room, 'Olle');
    owner.say('long ago');
    await owner.hears('long ago');
    scene = await stage.scene();
    await scene.bridge.attach(room);
    await until('the bot is in', () => owner.heard.some((s) => attribute(s, 'from') === `${room}/Brygga`));
    owner.say('now');
    await until('now', () => scene.hub.messages().includes('now'));
    expect(scene.hub.messages()).not.toContain('long ago');
  });

  it('keeps everything while the hub cannot store', async () => {
    scene = await stage.scene();
    scene.hub.broken = true;
    const accepts = scene.hub.accepts;
    for (let index = 0; index < 30; index++) scene.owner.say(`kept ${index}`);
    await until('tried', () => scene.hub.accepts > accepts + 2);
    scene.hub.broken = false;
    await until('stored', () => scene.hub.messages().includes('kept 29'));
    const kept = scene.hub.messages().filter((text) => text.startsWith('kept'));
    expect(kept).toEqual(Array.from({ length: 30 }, (_, index) => `kept ${index}`));
  });

  it('comes back after it was thrown out, and misses nothing', async () => {
    scene = await stage.scene();
    await scene.owner.admin(el('item', { nick: scene.nick, role: 'none' }));
    scene.owner.say('behind its back');
    await until('caught up', () => scene.hub.messages().includes('behind its back'));
    await scene.live();
    await scene.done(scene.deliveries.message(anna, 'and speaks'));
  });
});

describe('the server', () => {
  it('may end and come back: what was said on both sides arrives', async () => {
    scene = await stage.scene();
    await stage.server.stop();
    await until('down', () => scene.hub.state === 'down');
    expect(await scene.send(scene.deliveries.message(anna, 'too early'))).toMatchObject({ kind: 'later' });
    await stage.server.start();
    await stage.natives.stop();
    stage.natives = stage.newNatives();
    await stage.natives.start();
    const owner = await stage.natives.join('owner', scene.room, 'Olga');
    owner.say('up again');
    await until('heard', () => scene.hub.messages().includes('up again'), 90_000);
    await scene.insist(scene.deliveries.message(anna, 'here too'));
    await owner.hears('here too');
  });
});
