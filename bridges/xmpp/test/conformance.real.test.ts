import { networkId } from '@brygga/event';
import { conformance, fakeContext, type Instance } from '@brygga/testkit';
import { afterAll, beforeAll } from 'vitest';
import { el } from '../src/element.ts';
import { xmpp } from '../src/index.ts';
import { attribute, NS } from '../src/stanza.ts';
import { Actor } from './support/actor.ts';
import { until } from './support/context.ts';
import { shown } from './support/history.ts';
import { type Native, nickOf } from './support/natives.ts';
import { Relay } from './support/relay.ts';
import { Stage } from './support/stage.ts';

let stage: Stage;
let instances = 0;
beforeAll(async () => {
  stage = await Stage.start({ archive: 'memory' });
});
afterAll(() => stage.stop());

/** As the bridge knows people: by what the room says of them (XEP-0421). */
function occupantId(of: Native, by: Native): string {
  const presence = by.heard.findLast(
    (stanza) => stanza.name === 'presence' && attribute(stanza, 'from') === `${of.room}/${of.nick}`,
  );
  return attribute(presence?.getChild('occupant-id', NS.occupantId), 'id');
}

async function make(): Promise<Instance> {
  const number = ++instances;
  const room = stage.room();
  const relay = await Relay.to(stage.server.componentPort);
  const settings = stage.settings({ port: relay.port });
  const owner = await stage.natives.join(`owner${number}`, room, 'Olga');
  const ada = await stage.natives.join(`ada${number}`, room, 'Ada');
  const ben = await stage.natives.join(`ben${number}`, room, 'Ben');
  for (const one of [ada, ben])
    await owner.admin(el('item', { affiliation: 'owner', jid: one.jid.split('/')[0] }));
  await owner.admin(el('item', { affiliation: 'admin', jid: 'brygga@bridge.localhost' }));
  const actors = [
    new Actor(ada, occupantId(ada, owner), () => ben),
    new Actor(ben, occupantId(ben, owner), () => ada),
  ] as const;
  const moderator = new Actor(owner, occupantId(owner, owner), () => ada);
  const ctx = fakeContext({ network: 'near', settings });
  return {
    ctx,
    channel: room,
    actors: [actors[0], actors[1]],
    moderator: Object.assign(moderator, { remove: (message: { id: never }) => moderator.moderate(message) }),
    create: () => xmpp.create(networkId('near'), settings),
    readHistory: async () => shown(owner.messages()),
    readChannel: async () => {
      const topic = owner.messages().findLast((message) => message.getChildText('subject') !== null);
      return { topic: topic?.getChildText('subject') ?? '' };
    },
    readTyping: async () => {
      const typing = new Set<string>();
      for (const message of owner.messages()) {
        if (message.getChild('composing', NS.chatStates) !== undefined) typing.add(nickOf(message));
        else typing.delete(nickOf(message));
      }
      return [...typing];
    },
    outage: {
      down: async () => {
        relay.refuse(true);
        relay.cut();
      },
      up: async () => relay.refuse(false),
    },
    loseNextAnswer: () => {
      // Cut as soon as the others have the message: what the room answers the ghost gets nowhere.
      const heard = owner.messages().length;
      void relay.deafenAfter('<body>').then(async () => {
        await until('the message', () => owner.messages().length > heard);
        relay.cut();
      });
    },
    close: async () => {
      await relay.close();
      for (const native of [ada, ben, owner]) native.presence(native.nick, 'unavailable');
    },
  };
}

conformance({
  name: 'xmpp, Prosody',
  manifest: xmpp.manifest,
  make,
  patienceMs: 10_000,
});
