import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { el } from '../src/element.ts';
import { xmpp } from '../src/index.ts';
import { NS } from '../src/stanza.ts';
import { until } from './support/context.ts';
import { persona } from './support/deliveries.ts';
import { nickOf } from './support/natives.ts';
import { firstOf, type Scene, Stage } from './support/stage.ts';

let stage: Stage;
let scene: Scene;
beforeAll(async () => {
  stage = await Stage.start({ archive: 'memory', users: { brygga: 'a password' } });
});
afterAll(() => stage.stop());
afterEach(() => scene.close());

const anna = persona('Anna');
const settings = (more: object = {}) =>
  xmpp.settings.parse({
    mode: 'account',
    host: '127.0.0.1',
    port: stage.server.c2sPort,
    tls: 'none',
    domain: stage.server.domain,
    username: 'brygga',
    password: 'a password',
    ...more,
  });

it('speaks for everybody under one nick, corrects and takes back', async () => {
  scene = await stage.scene({ account: settings() });
  expect(scene.bridge.manifest.people).toBe('nameLine');
  const said = await scene.done(scene.deliveries.message(anna, 'through the account'));
  expect(nickOf(await scene.owner.hears('Anna (Agency): through the account'))).toBe('Brygga');
  await scene.done(scene.deliveries.edit(anna, said.messages, 'corrected'));
  await scene.owner.hears('Anna (Agency): corrected');
  await scene.done(scene.deliveries.delete(anna, said.messages));
  await scene.owner.hearsThat('retraction', (m) => m.getChild('retract', NS.retract) !== undefined);
  await scene.done(scene.deliveries.message(anna, 'waves', {}, { style: 'emote' }));
  await scene.owner.hears('* Anna (Agency) waves');
  await scene.live();
  expect(scene.hub.messages().filter((text) => text.includes('Anna'))).toEqual([]);
});

it('keeps order and catches up like the component', async () => {
  scene = await stage.scene({ account: settings() });
  const texts = Array.from({ length: 50 }, (_, index) => `n${index}`);
  await Promise.all(texts.map((text) => scene.done(scene.deliveries.message(anna, text))));
  await scene.owner.hears('Anna (Agency): n49');
  expect(scene.owner.bodies().filter((body) => body.startsWith('Anna'))).toEqual(
    texts.map((t) => `Anna (Agency): ${t}`),
  );
  await scene.bridge.close();
  const id = scene.owner.say('while away');
  scene.owner.say('whilst away', el('replace', { xmlns: NS.replace, id }));
  await scene.reopen();
  expect(scene.hub.of('edit').map((event) => event.plain)).toEqual(['whilst away']);
  expect(scene.hub.messages().filter((text) => text.startsWith('Anna'))).toEqual([]);
});

it('finds what it had written', async () => {
  scene = await stage.scene({ account: settings() });
  const delivery = scene.deliveries.message(anna, 'once');
  const first = await scene.done(delivery);
  await scene.reopen();
  const again = await scene.done({ ...delivery, maybeSent: true });
  expect(firstOf(again).id).toBe(firstOf(first).id);
  expect(scene.owner.bodies().filter((body) => body.endsWith('once'))).toHaveLength(1);
});

it('says that the password is refused', async () => {
  scene = await stage.scene();
  const other = stage.create(settings({ password: 'wrong' }));
  await other.open(scene.hub.context(settings({ password: 'wrong' })));
  await until('refused', () => scene.hub.states.includes('refused'));
  await other.close();
});
