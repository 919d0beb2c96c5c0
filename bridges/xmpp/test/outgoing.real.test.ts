import type { Outcome } from '@brygga/contract';
import type { Body } from '@brygga/event';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { attribute, NS, textChild } from '../src/stanza.ts';
import { until } from './support/context.ts';
import { nativeAuthor, persona } from './support/deliveries.ts';
import { nickOf, stanzaIdOf } from './support/natives.ts';
import { firstOf, type Scene, Stage } from './support/stage.ts';

let stage: Stage;
let scene: Scene;
beforeAll(async () => {
  stage = await Stage.start({ archive: 'memory' });
});
afterAll(() => stage.stop());
afterEach(() => scene.close());

const anna = persona('Anna');
const cecilia = persona('Cecilia');

describe('from the hub to the room', () => {
  it('says a message as the ghost, with ids, marker and styling', async () => {
    scene = await stage.scene();
    const body: Body = {
      type: 'root',
      children: [
        {
          type: 'paragraph',
          children: [
            { type: 'text', value: 'Räksmörgås ' },
            { type: 'strong', children: [{ type: 'text', value: 'nu' }] },
          ],
        },
      ],
    };
    const outcome = await scene.done(scene.deliveries.message(anna, body));
    const heard = await scene.owner.hears('Räksmörgås *nu*');
    expect(nickOf(heard)).toBe('Anna (Agency)');
    expect(firstOf(outcome)).toEqual({ id: stanzaIdOf(heard), roles: { sent: attribute(heard, 'id') } });
    expect(heard.getChildren('hop', NS.brygga).map((hop) => attribute(hop, 'hub'))).toEqual(['hub-test']);
    expect(scene.hub.messages()).toHaveLength(1);
  });

  it('keeps the order of messages sent together, also when the ghost has yet to join', async () => {
    scene = await stage.scene();
    const texts = Array.from({ length: 40 }, (_, index) => `number ${index}`);
    await Promise.all(
      texts.map((text, index) => scene.done(scene.deliveries.message(persona(`P${index % 3}`), text))),
    );
    await scene.owner.hears('number 39');
    expect(scene.owner.bodies().filter((body) => body.startsWith('number'))).toEqual(texts);
  });

  it('splits what is too long, and tells all parts', async () => {
    scene = await stage.scene();
    const text = Array.from({ length: 400 }, (_, index) => `Line ${index} of a long text about åäö.`).join(
      '\n',
    );
    const outcome = await scene.done(scene.deliveries.message(anna, text));
    expect(outcome.messages.length).toBeGreaterThan(1);
    const parts = () => scene.owner.messages().filter((message) => nickOf(message) === 'Anna (Agency)');
    await until('all parts', () => parts().length === outcome.messages.length);
    expect(parts().map(stanzaIdOf)).toEqual(outcome.messages.map((message) => message.id));
    expect(
      parts()
        .map((part) => textChild(part, 'body'))
        .join('\n'),
    ).toBe(text);
    for (const part of parts())
      expect(Buffer.byteLength(textChild(part, 'body') ?? '')).toBeLessThanOrEqual(8192);
  });

  it('survives letters that XML has not', async () => {
    scene = await stage.scene();
    await scene.done(scene.deliveries.message(anna, 'a\u0000b\u0008c\ufffed\ud800e'));
    await scene.owner.hears('abcde');
    expect(scene.hub.states.filter((state) => state === 'up')).toHaveLength(1);
  });

  it('answers with a quote for those who do not know replies', async () => {
    scene = await stage.scene();
    scene.owner.say('who comes?');
    const asked = await until('question', () =>
      scene.hub.of('message').find((event) => event.plain === 'who comes?'),
    );
    const replyTo = { id: asked.origin.nativeId };
    await scene.done(scene.deliveries.message(anna, 'I 🎉 do', { replyTo }));
    const heard = await scene.owner.hears('> Olga: who comes?\nI 🎉 do');
    expect(attribute(heard.getChild('reply', NS.reply), 'id')).toBe(asked.origin.nativeId);
    expect(attribute(heard.getChild('reply', NS.reply), 'to')).toBe(`${scene.room}/Olga`);
    const range = heard.getChild('fallback', NS.fallback)?.getChild('body');
    expect(attribute(range, 'end')).toBe(String([...'> Olga: who comes?\n'].length));
  });

  it('answers as an answer also before it has entered the room again', async () => {
    scene = await stage.scene();
    scene.owner.say('who comes?');
    const asked = await until('question', () =>
      scene.hub.of('message').find((event) => event.plain === 'who comes?'),
    );
    await scene.bridge.close();
    scene.bridge = stage.create(scene.settings);
    const answer = scene.deliveries.message(anna, 'I do', { replyTo: { id: asked.origin.nativeId } });
    const sent = Promise.withResolvers<Outcome>();
    const ctx = scene.hub.context(scene.settings);
    const state: typeof ctx.state = (now, code) => {
      ctx.state(now, code);
      if (now === 'up') sent.resolve(scene.send(answer));
    };
    await scene.bridge.open({ ...ctx, state });
    await scene.bridge.attach(scene.room);
    expect((await sent.promise).kind).toBe('done');
    const heard = await scene.owner.hears('I do');
    expect(attribute(heard.getChild('reply', NS.reply), 'id')).toBe(asked.origin.nativeId);
  });

  it('corrects, also a second time, always the first version; adds and takes back parts', async () => {
    scene = await stage.scene();
    const first = await scene.done(scene.deliveries.message(anna, 'frist'));
    const once = await scene.done(scene.deliveries.edit(anna, first.messages, 'first'));
    const heard = await scene.owner.hears('first');
    const firstId = firstOf(first).roles?.sent;
    expect(attribute(heard.getChild('replace', NS.replace), 'id')).toBe(firstId);
    expect(firstOf(once).id).toBe(firstOf(first).id);
    const long = 'long '.repeat(3000).trim();
    const twice = await scene.done(scene.deliveries.edit(anna, once.messages, long));
    expect(twice.messages.length).toBeGreaterThan(1);
    const third = await scene.done(scene.deliveries.edit(anna, twice.messages, 'short'));
    expect(third.messages).toHaveLength(1);
    const last = await scene.owner.hears('short');
    expect(attribute(last.getChild('replace', NS.replace), 'id')).toBe(firstId);
    const retracted = () =>
      scene.owner
        .messages()
        .flatMap((message) => attribute(message.getChild('retract', NS.retract), 'id') || []);
    await until('surplus taken back', () => retracted().length === twice.messages.length - 1);
    expect(retracted()).toEqual(twice.messages.slice(1).map((message) => message.id));
  });

  it('takes back its own messages by the ghost that wrote them', async () => {
    scene = await stage.scene();
    const said = await scene.done(scene.deliveries.message(anna, 'oops'));
    await scene.done(scene.deliveries.delete(anna, said.messages));
    const heard = await scene.owner.hearsThat(
      'retraction',
      (m) => m.getChild('retract', NS.retract) !== undefined,
    );
    expect(nickOf(heard)).toBe('Anna (Agency)');
    expect(attribute(heard.getChild('retract', NS.retract), 'id')).toBe(firstOf(said).id);
    await scene.done(
      scene.deliveries.delete(cecilia, (await scene.done(scene.deliveries.message(anna, 'bad'))).messages, {
        network: anna.network,
        person: anna.person,
        native: false,
      }),
    );
    await until(
      'second retraction',
      () =>
        scene.owner.messages().filter((m) => m.getChild('retract', NS.retract) !== undefined).length === 2,
    );
  });

  it("removes a native's message as moderator, and says it in words where it is none", async () => {
    scene = await stage.scene({ botAffiliation: 'admin' });
    scene.owner.say('to be removed');
    const event = await until('said', () =>
      scene.hub.of('message').find((one) => one.plain === 'to be removed'),
    );
    const target = [{ id: event.origin.nativeId }];
    const author = nativeAuthor(event.sender.nativeId);
    const outcome = await scene.done(scene.deliveries.delete(anna, target, author));
    expect(outcome.lost ?? []).toEqual([]);
    const heard = await scene.owner.hearsThat(
      'moderation',
      (m) => m.getChild('retract', NS.retract) !== undefined,
    );
    expect(nickOf(heard)).toBe('');
    expect(attribute(heard.getChild('retract', NS.retract), 'id')).toBe(event.origin.nativeId);
    await scene.live();
    expect(scene.hub.of('delete')).toEqual([]);
    await scene.close();

    scene = await stage.scene();
    scene.owner.say('not to be removed');
    const other = await until('said', () =>
      scene.hub.of('message').find((one) => one.plain.startsWith('not')),
    );
    const words = await scene.done(
      scene.deliveries.delete(anna, [{ id: other.origin.nativeId }], nativeAuthor(other.sender.nativeId)),
    );
    expect(words.lost).toEqual(['deleteByModerator']);
    await scene.owner.hears('Anna (Agency) removed this message elsewhere.');
  });

  it('reacts with the whole set, and takes it back', async () => {
    scene = await stage.scene();
    scene.owner.say('nice');
    const event = await until('said', () => scene.hub.of('message').find((one) => one.plain === 'nice'));
    const target = [{ id: event.origin.nativeId }];
    const outcome = await scene.done(scene.deliveries.reaction(anna, target, ['👍', '❤️']));
    expect(Object.keys(outcome.reactions ?? {})).toEqual(['👍', '❤️']);
    const sets = () =>
      scene.owner.messages().flatMap((message) => {
        const reactions = message.getChild('reactions', NS.reactions);
        return reactions === undefined ? [] : [reactions.getChildren('reaction').map((one) => one.getText())];
      });
    await until('reactions', () => sets().length === 1);
    await scene.done(scene.deliveries.reaction(anna, target, []));
    await until('none', () => sets().length === 2);
    expect(sets()).toEqual([['👍', '❤️'], []]);
  });

  it('changes the subject, or says it where it may not', async () => {
    scene = await stage.scene({ botAffiliation: 'admin' });
    await scene.done(scene.deliveries.of(null, { kind: 'channel', topic: 'Lunch' }));
    await scene.owner.hearsThat('subject', (m) => textChild(m, 'subject') === 'Lunch');
    await scene.close();
    scene = await stage.scene();
    const outcome = await scene.done(scene.deliveries.of(null, { kind: 'channel', topic: 'Dinner' }));
    expect(outcome.lost).toEqual(['channelTopic']);
    await scene.owner.hears('Brygga changed the topic to: Dinner');
    scene.hub.language = 'sv';
    await scene.done(scene.deliveries.of(null, { kind: 'channel', topic: 'Fika' }));
    await scene.owner.hears('Brygga ändrade ämnet till: Fika');
  });

  it('changes the subject to one that XML writes otherwise', async () => {
    scene = await stage.scene({ botAffiliation: 'admin' });
    await scene.done(scene.deliveries.of(null, { kind: 'channel', topic: 'an odd\u0001\ufffe\r\nsubject' }));
    await scene.owner.hearsThat('subject', (m) => textChild(m, 'subject') === 'an odd\nsubject');
  });

  it('calls natives by their nick, threads, and shows who types', async () => {
    scene = await stage.scene();
    scene.owner.say('I am here');
    const event = await until('said', () => scene.hub.of('message').find((one) => one.plain === 'I am here'));
    const body: Body = {
      type: 'root',
      children: [
        {
          type: 'paragraph',
          children: [
            { type: 'text', value: '🎉 ' },
            {
              type: 'mention',
              target: { kind: 'person', network: event.origin.network, person: event.sender.nativeId },
              label: 'Somebody',
            },
            { type: 'text', value: ' look' },
          ],
        },
      ],
    };
    const root = { id: event.origin.nativeId };
    await scene.done(scene.deliveries.message(anna, body, { thread: { root, last: root } }));
    const heard = await scene.owner.hears('🎉 Olga look');
    const reference = heard.getChild('reference', NS.reference);
    expect([attribute(reference, 'begin'), attribute(reference, 'end')]).toEqual(['2', '6']);
    expect(attribute(reference, 'uri')).toBe(`xmpp:${scene.room}/Olga`);
    expect(heard.getChildText('thread')).toBe(`brygga:${root.id}`);
    await scene.bridge.typing?.(scene.room, anna, true);
    await scene.bridge.typing?.(scene.room, anna, true);
    await scene.bridge.typing?.(scene.room, anna, false);
    await scene.owner.hearsThat('active', (m) => m.getChild('active', NS.chatStates) !== undefined);
    const typing = scene.owner.messages().filter((m) => m.getChild('composing', NS.chatStates) !== undefined);
    expect(typing).toHaveLength(1);
  });
});
