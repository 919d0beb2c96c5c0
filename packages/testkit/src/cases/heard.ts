import { expect } from 'vitest';
import { asRead, featuresIn } from '../body-view.ts';
import { type Case, carriedIn, given } from '../case.ts';
import type { SayFeature } from '../harness.ts';
import type { Scene } from '../scene.ts';
import { ODD_TEXTS } from './odd-texts.ts';

/** Features that show in the body of a message. */
const FORMATS = [
  'strong',
  'emphasis',
  'strike',
  'inlineCode',
  'codeBlock',
  'quote',
  'list',
  'heading',
  'link',
  'table',
  'customEmoji',
  'mentionPerson',
  'mentionRoom',
] as const satisfies readonly SayFeature[];

const formats: Case[] = FORMATS.map((feature) => ({
  name: `a native message with ${feature} comes in as such`,
  wanted: carriedIn(feature),
  run: async (scene) => {
    const word = scene.word();
    const message = await scene.heard(await scene.ada.sayWith(feature, word));
    expect(message.plain).toContain(word);
    expect([...featuresIn(message.event.body)]).toContain(feature);
    if (feature === 'mentionRoom')
      expect(message.event.mentions.some(({ kind }) => kind !== 'person')).toBe(true);
    if (feature !== 'mentionPerson') return;
    const { ctx, ben } = scene;
    expect(message.event.mentions).toContainEqual({
      kind: 'person',
      network: ctx.network,
      person: ben.person,
    });
  },
}));

const styles: Case[] = (['emote', 'notice'] as const).map((style) => ({
  name: `a native ${style} comes in as such`,
  wanted: carriedIn(style),
  run: async (scene) => {
    const word = scene.word();
    const { event } = await scene.heard(await scene.ada.sayWith(style, word));
    expect(event.style).toBe(style);
    expect(asRead(event.plain)).toBe(word);
  },
}));

const odd: Case[] = ODD_TEXTS.map(({ name, written, read }) => ({
  name: `native text comes in letter for letter: ${name}`,
  run: async (scene) => {
    const word = scene.word();
    const { event } = await scene.heard(await scene.ada.say(written(word)));
    expect(asRead(event.plain)).toBe(asRead(read(word)));
    expect([...featuresIn(event.body)]).toEqual([]);
    expect(event.mentions).toEqual([]);
  },
}));

async function toldBy(scene: Scene, kinds: readonly string[]): Promise<void> {
  const about = scene.ctx.accepted.filter(({ kind }) => kinds.includes(kind));
  for (const { sender } of about) expect([scene.ada.person, scene.ben.person]).toContain(sender.nativeId);
}

export const HEARD: readonly Case[] = [
  {
    name: 'a native message comes in once, valid, with its author and time',
    run: async (scene) => {
      const word = scene.word();
      const before = scene.ctx.clock.now();
      const { event } = await scene.heard(await scene.ada.say(word));
      expect(event.plain).toBe(word);
      expect(event.body).toEqual({
        type: 'root',
        children: [{ type: 'paragraph', children: [{ type: 'text', value: word }] }],
      });
      expect(event.sender).toMatchObject({ nativeId: scene.ada.person, displayName: scene.ada.displayName });
      expect(event.style).toBe('text');
      // Servers' clocks differ, but not by an hour.
      expect(Math.abs(event.sentAt - before)).toBeLessThan(3_600_000);
      await scene.hush();
      expect(scene.ctx.accepted.filter((one) => one.kind === 'message' && one.plain === word)).toHaveLength(
        1,
      );
    },
  },
  {
    name: 'a burst of 50 native messages comes in whole and in order',
    run: async (scene) => {
      const words = Array.from({ length: 50 }, () => scene.word());
      for (const word of words) await scene.ada.say(word);
      await scene.eventually('the last of the burst', () => scene.ledger.saying(words[49] ?? ''));
      const heard = scene.ledger.messages.map(({ plain }) => plain).filter((plain) => words.includes(plain));
      expect(heard).toEqual(words);
    },
  },
  ...formats,
  ...styles,
  {
    name: 'a native file comes in as a reference',
    wanted: carriedIn('attachment'),
    run: async (scene) => {
      const word = scene.word();
      const { event } = await scene.heard(await scene.ada.sayWith('attachment', word));
      expect(event.attachments.map(({ name }) => name)).toEqual([`${word}.txt`]);
    },
  },
  {
    name: 'an edit by the author comes in',
    wanted: carriedIn('edit'),
    run: async (scene) => {
      const message = await scene.ada.say(scene.word());
      await scene.heard(message);
      for (const word of [scene.word(), scene.word()]) {
        await given(scene.ada.edit, 'actor.edit').call(scene.ada, message, word);
        await scene.eventually('the edit', () => scene.ledger.find(message.id)?.plain === word);
      }
      await toldBy(scene, ['edit']);
    },
  },
  {
    name: 'a removal by the author comes in',
    wanted: carriedIn('deleteOwn'),
    run: async (scene) => {
      const message = await scene.ada.say(scene.word());
      await scene.heard(message);
      await given(scene.ada.remove, 'actor.remove').call(scene.ada, message);
      const removal = await scene.eventually('the removal', () => scene.ledger.find(message.id)?.deleted);
      expect(removal.sender.nativeId).toBe(scene.ada.person);
    },
  },
  {
    name: 'a removal by a moderator comes in as a moderator’s',
    wanted: carriedIn('deleteByModerator'),
    run: async (scene) => {
      const moderator = given(scene.instance.moderator, 'moderator');
      const message = await scene.ada.say(scene.word());
      await scene.heard(message);
      await given(moderator.remove, 'moderator.remove').call(moderator, message);
      const removal = await scene.eventually('the removal', () => scene.ledger.find(message.id)?.deleted);
      expect(removal.sender.nativeId).not.toBe(scene.ada.person);
      expect(removal.sender.kind).toBe('moderator');
    },
  },
  {
    name: 'reactions come in as they are set, changed and taken back',
    wanted: carriedIn('reaction'),
    run: async (scene) => {
      const { ada, ben } = scene;
      const message = await ada.say(scene.word());
      await scene.heard(message);
      const react = async (emoji: string, on: boolean, now: readonly string[]): Promise<void> => {
        await given(ben.react, 'actor.react').call(ben, message, emoji, on);
        const same = (): boolean => {
          const set = scene.ledger.find(message.id)?.reactions.get(ben.person) ?? new Set();
          return set.size === now.length && now.every((one) => set.has(one));
        };
        await scene.eventually(`ben's reactions to be ${now.join(' ')}`, same);
      };
      await react('👍', true, ['👍']);
      await react('🎉', true, ['👍', '🎉']);
      await react('👍', false, ['🎉']);
      await react('🎉', false, []);
      expect(scene.ledger.find(message.id)?.deleted).toBe(null);
    },
  },
  {
    name: 'a native reply comes in with its target',
    wanted: carriedIn('reply'),
    run: async (scene) => {
      const first = await scene.ada.say(scene.word());
      await scene.ada.say(scene.word());
      const word = scene.word();
      const { event, plain } = await scene.heard(await scene.ben.say(word, { replyTo: first }));
      const target = event.replyTo?.natives
        .map((id) => scene.ledger.find(id))
        .find((known) => known !== undefined);
      expect(target).toBeDefined();
      expect(target?.event).toBe(scene.ledger.find(first.id)?.event);
      expect(asRead(plain)).toBe(word);
    },
  },
  {
    name: 'a native thread comes in with its root',
    wanted: carriedIn('thread'),
    run: async (scene) => {
      const root = await scene.ada.say(scene.word());
      for (const _ of ['first', 'second']) {
        const word = scene.word();
        const { event, plain } = await scene.heard(await scene.ben.say(word, { thread: root }));
        const known = event.thread?.natives
          .map((id) => scene.ledger.find(id))
          .find((one) => one !== undefined);
        expect(known).toBeDefined();
        expect(known?.event).toBe(scene.ledger.find(root.id)?.event);
        expect(asRead(plain)).toBe(word);
      }
    },
  },
  {
    name: 'a new topic comes in',
    wanted: carriedIn('channelTopic'),
    run: async (scene) => {
      const topic = scene.word();
      await given(scene.ada.setTopic, 'actor.setTopic').call(scene.ada, topic);
      const told = (): boolean =>
        scene.ctx.accepted.some((event) => event.kind === 'channel' && event.topic === topic);
      await scene.eventually('the topic', told);
    },
  },
  {
    name: 'a new name of the channel comes in',
    wanted: carriedIn('channelName'),
    run: async (scene) => {
      const name = scene.word();
      await given(scene.ada.setName, 'actor.setName').call(scene.ada, name);
      const told = (): boolean =>
        scene.ctx.accepted.some((event) => event.kind === 'channel' && event.name === name);
      await scene.eventually('the name', told);
    },
  },
  {
    name: 'leaving and joining come in',
    wanted: carriedIn('membership'),
    run: async (scene) => {
      const { ben, ctx } = scene;
      const told = (change: string) => (): boolean =>
        ctx.accepted.some(
          (event) =>
            event.kind === 'membership' && event.change === change && event.subject.nativeId === ben.person,
        );
      await given(ben.leave, 'actor.leave').call(ben);
      await scene.eventually('the leaving', told('leave'));
      await given(ben.join, 'actor.join').call(ben);
      await scene.eventually('the joining', told('join'));
    },
  },
  {
    name: 'typing comes in as a signal',
    wanted: carriedIn('typing'),
    run: async (scene) => {
      const { ada, ctx } = scene;
      const told = (active: boolean) => (): boolean =>
        ctx.signals.some(
          (one) => one.kind === 'typing' && one.active === active && one.sender.nativeId === ada.person,
        );
      await given(ada.type, 'actor.type').call(ada, true);
      await scene.eventually('the typing', told(true));
      await given(ada.type, 'actor.type').call(ada, false);
      await scene.eventually('the end of the typing', told(false));
    },
  },
  {
    name: 'having read comes in as a signal',
    wanted: carriedIn('read'),
    run: async (scene) => {
      const message = await scene.ada.say(scene.word());
      await scene.heard(message);
      await given(scene.ben.read, 'actor.read').call(scene.ben, message);
      const told = (): boolean =>
        scene.ctx.signals.some((one) => one.kind === 'read' && one.sender.nativeId === scene.ben.person);
      await scene.eventually('the reading', told);
    },
  },
  ...odd,
];
