import { personId } from '@brygga/event';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { el } from '../src/element.ts';
import { NS } from '../src/stanza.ts';
import { until } from './support/context.ts';
import { persona } from './support/deliveries.ts';
import { firstOf, type Scene, Stage } from './support/stage.ts';

let stage: Stage;
let scene: Scene;
beforeAll(async () => {
  stage = await Stage.start({ archive: 'memory' });
});
afterAll(() => stage.stop());
afterEach(() => scene.close());

const anna = persona('Anna');

describe('from the room to the hub', () => {
  it('hears replies, edits, retractions, reactions, threads, emotes and who types', async () => {
    scene = await stage.scene();
    const said = await scene.done(scene.deliveries.message(anna, 'said elsewhere'));
    const bo = await stage.natives.join('bo', scene.room, 'Bo');
    const quote = '> Anna (Agency): said elsewhere\n';
    bo.say(
      `${quote}answer`,
      el('reply', { xmlns: NS.reply, id: firstOf(said).id, to: `${scene.room}/Anna (Agency)` }),
      el('fallback', { xmlns: NS.fallback, for: NS.reply }, el('body', { start: 0, end: [...quote].length })),
    );
    const answer = await until('answer', () =>
      scene.hub.of('message').find((event) => event.plain === 'answer'),
    );
    expect(answer.replyTo?.natives[0]).toBe(firstOf(said).id);
    expect(answer.replyTo?.excerpt).toEqual({ author: 'Anna (Agency)', text: 'said elsewhere' });

    const id = bo.say('/me has a typo');
    const emote = await until('emote', () =>
      scene.hub.of('message').find((event) => event.style === 'emote'),
    );
    bo.say('/me has none', el('replace', { xmlns: NS.replace, id }));
    const edit = await until('edit', () => scene.hub.of('edit')[0]);
    expect(emote.origin.aliases).toContain(edit.target.natives[0]);
    expect(edit.sender.nativeId).toBe(emote.sender.nativeId);

    bo.send(
      el(
        'reactions',
        { xmlns: NS.reactions, id: firstOf(said).id },
        el('reaction', {}, '👍'),
        el('reaction', {}, '👍'),
      ),
    );
    const reaction = await until('reaction', () => scene.hub.of('reaction')[0]);
    expect(reaction).toMatchObject({ mode: 'set', emoji: ['👍'] });
    expect(reaction.target.natives[0]).toBe(firstOf(said).id);

    bo.say(
      'gone',
      el('retract', { xmlns: NS.retract, id: emote.origin.nativeId }),
      el('store', { xmlns: NS.hints }),
    );
    const removed = await until('retraction', () => scene.hub.of('delete')[0]);
    expect(removed.target.natives[0]).toBe(emote.origin.nativeId);
    expect(removed.sender).toEqual(emote.sender);

    bo.say('root', el('thread', {}, 't1'));
    bo.say('leaf', el('thread', {}, 't1'));
    const leaf = await until('leaf', () => scene.hub.of('message').find((event) => event.plain === 'leaf'));
    const root = scene.hub.of('message').find((event) => event.plain === 'root');
    expect(root?.thread).toBeUndefined();
    expect(leaf.thread?.natives).toEqual([root?.origin.nativeId]);

    bo.send(el('composing', { xmlns: NS.chatStates }));
    await until('typing', () =>
      scene.hub.signals.some((signal) => signal.kind === 'typing' && signal.active),
    );
  });

  it('finds mentions of ghosts, of natives, and by reference', async () => {
    scene = await stage.scene();
    await scene.done(scene.deliveries.message(anna, 'here'));
    scene.owner.say('Anna (Agency): and @Olga too');
    const event = await until('mention', () =>
      scene.hub.of('message').find((one) => one.mentions.length === 2),
    );
    expect(event.mentions[0]).toEqual({ kind: 'person', network: anna.network, person: anna.person });
    expect(event.mentions[1]).toMatchObject({ kind: 'person', network: 'xmpp-test' });
    scene.owner.say(
      '🎉 dear friend!',
      el('reference', {
        xmlns: NS.reference,
        type: 'mention',
        begin: 2,
        end: 13,
        uri: `xmpp:${scene.room}/${encodeURIComponent('Anna (Agency)')}`,
      }),
    );
    const other = await until('reference', () =>
      scene.hub.of('message').find((one) => one.plain.includes('dear')),
    );
    expect(other.body.children[0]).toEqual({
      type: 'paragraph',
      children: [
        { type: 'text', value: '🎉 ' },
        {
          type: 'mention',
          target: { kind: 'person', network: anna.network, person: anna.person },
          label: 'dear friend',
        },
        { type: 'text', value: '!' },
      ],
    });
  });

  it('hears who comes and goes, but not its own', async () => {
    scene = await stage.scene();
    await scene.done(scene.deliveries.message(anna, 'a ghost comes'));
    const bo = await stage.natives.join('bo', scene.room, 'Bo');
    bo.presence('Bosse');
    await until('rename', () => scene.hub.of('membership').some((event) => event.change === 'rename'));
    bo.nick = 'Bosse';
    await scene.owner.admin(el('item', { nick: 'Bosse', role: 'none' }));
    await until('kick', () => scene.hub.of('membership').some((event) => event.change === 'kick'));
    const all = scene.hub
      .of('membership')
      .map((event) => [event.change, event.subject.displayName, event.before]);
    expect(all).toEqual([
      ['join', 'Bo', undefined],
      ['rename', 'Bosse', 'Bo'],
      ['kick', 'Bosse', undefined],
    ]);
    expect(new Set(scene.hub.of('membership').map((event) => event.subject.nativeId)).size).toBe(1);
  });

  it('hears a moderator remove a message, once', async () => {
    scene = await stage.scene();
    const said = await scene.done(scene.deliveries.message(anna, 'rude'));
    const child = el(
      'moderate',
      { xmlns: NS.moderate, id: firstOf(said).id },
      el('retract', { xmlns: NS.retract }),
    );
    await scene.owner.iq('set', scene.room, child);
    const removed = await until('moderation', () => scene.hub.of('delete')[0]);
    expect(removed.sender.kind).toBe('moderator');
    expect(removed.target.natives).toEqual([firstOf(said).id]);
    await scene.live();
    expect(scene.hub.of('delete')).toHaveLength(1);
  });

  it('does not believe natives who claim to moderate, or to have room ids', async () => {
    scene = await stage.scene();
    const said = await scene.done(scene.deliveries.message(anna, 'mine'));
    const bo = await stage.natives.join('bo', scene.room, 'Bo');
    bo.send(
      el(
        'apply-to',
        { xmlns: NS.fasten, id: firstOf(said).id },
        el('moderated', { xmlns: NS.moderateOld, by: `${scene.room}/Olga` }),
      ),
      el('store', { xmlns: NS.hints }),
    );
    bo.say('forged', el('stanza-id', { xmlns: NS.stanzaId, by: scene.room, id: firstOf(said).id }));
    const forged = await until('forged', () =>
      scene.hub.of('message').find((event) => event.plain === 'forged'),
    );
    expect(forged.origin.nativeId).not.toBe(firstOf(said).id);
    expect(scene.hub.of('delete')).toEqual([]);
  });

  it('hears a new subject and a new name, not the present ones', async () => {
    scene = await stage.scene();
    scene.owner.send(el('subject', {}, 'Plans'));
    const event = await until('subject', () => scene.hub.of('channel')[0]);
    expect(event.topic).toBe('Plans');
    expect(await scene.bridge.describe?.(scene.room)).toMatchObject({ topic: 'Plans' });
    await scene.reopen();
    expect(scene.hub.of('channel')).toHaveLength(1);
    const people = await scene.bridge.people?.(scene.room);
    expect(people?.map((one) => one.displayName)).toEqual(['Olga']);
    expect(people?.[0]?.person).not.toBe(personId('nick:Olga'));
  });

  it('says that something encrypted was written, once', async () => {
    scene = await stage.scene();
    const bo = await stage.natives.join('bo', scene.room, 'Bo');
    for (const text of ['one', 'two']) {
      bo.say(text, el('encryption', { xmlns: NS.encryption, namespace: 'eu.siacs.conversations.axolotl' }));
    }
    bo.say('open words');
    await until('open words', () => scene.hub.messages().includes('open words'));
    expect(scene.hub.of('message').filter((event) => event.style === 'notice')).toHaveLength(1);
    expect(scene.hub.messages()).not.toContain('one');
  });

  it('carries letters cut in two by packets', async () => {
    scene = await stage.scene();
    const text = 'åäö🎉'.repeat(5000);
    for (let index = 0; index < 5; index++) scene.owner.say(`${index}${text}`);
    await until('all five', () => scene.hub.messages().filter((body) => body.includes('åäö')).length === 5);
    expect(scene.hub.messages().slice(-5)).toEqual([0, 1, 2, 3, 4].map((index) => `${index}${text}`));
  });
});
