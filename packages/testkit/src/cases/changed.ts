import type { Done, Feature, NativeMessage } from '@brygga/contract';
import { expect } from 'vitest';
import { asRead } from '../body-view.ts';
import { type Case, carried, carriedOut, given } from '../case.ts';
import { ANNA, BO, nativeAuthor } from '../far-people.ts';
import { idsOf, isSame, type Scene } from '../scene.ts';

const first = ({ messages }: Done): NativeMessage => {
  const [message] = messages;
  if (message === undefined) throw new Error('the outcome names no message');
  return message;
};

const anna = { network: ANNA.network, person: ANNA.person, native: false };

async function said(scene: Scene, word = scene.word()): Promise<Done> {
  const sent = await scene.send(scene.far.message(ANNA, word));
  await scene.seenSaying(word);
  return sent;
}

/** Where people have no users of their own, one stands for all of them. */
function isOf(scene: Scene, labels: readonly string[] = [], name: string): boolean {
  const named = scene.manifest.people === 'ghosts';
  return labels.some((one) => !named || one.includes(name));
}

async function reactsAndSees(scene: Scene, target: readonly NativeMessage[], by: typeof ANNA): Promise<void> {
  const author = anna;
  const label = (labels: readonly string[] | undefined): boolean => isOf(scene, labels, by.name);
  const seen = (set: readonly string[], notSet: readonly string[]) =>
    scene.seen(
      `the reactions ${set.join(' ')} of ${by.name}`,
      (message) =>
        target.some((part) => isSame(part, message)) &&
        set.every((emoji) => label(message.reactions[emoji])) &&
        notSet.every((emoji) => !label(message.reactions[emoji])),
    );
  const one = await scene.send(scene.far.react(by, target, ['👍'], {}, author));
  await seen(['👍'], ['🎉']);
  const two = await scene.send(scene.far.react(by, target, ['👍', '🎉'], one.reactions ?? {}, author));
  await seen(['👍', '🎉'], []);
  const three = await scene.send(scene.far.react(by, target, ['🎉'], two.reactions ?? {}, author));
  await seen(['🎉'], ['👍']);
  await scene.send(scene.far.react(by, target, [], three.reactions ?? {}, author));
  await seen([], ['👍', '🎉']);
}

/** What a bridge that cannot carry something may not do is say "done" and keep quiet. */
const opposite = (
  feature: Feature,
  act: (scene: Scene) => Promise<{ kind: string; lost?: readonly Feature[] }>,
): Case => ({
  name: `does not pretend to carry ${feature}`,
  wanted: ({ features }) => !carried(features[feature].out),
  run: async (scene) => {
    const outcome = await act(scene);
    if (outcome.kind === 'refused') return;
    expect(outcome.kind).toBe('done');
    expect(outcome.lost ?? []).toContain(feature);
  },
});

const opposites: readonly Case[] = [
  opposite('edit', async (scene) => {
    const { messages } = await said(scene);
    return scene.once(scene.far.edit(ANNA, messages, scene.word()));
  }),
  opposite('deleteOwn', async (scene) => {
    const { messages } = await said(scene);
    return scene.once(scene.far.remove(ANNA, messages));
  }),
  opposite('reaction', async (scene) => {
    const { messages } = await said(scene);
    return scene.once(scene.far.react(BO, messages, ['👍'], {}, anna));
  }),
  opposite('reply', async (scene) => {
    const replyTo = first(await said(scene));
    return scene.once(scene.far.message(BO, scene.word(), { replyTo, targetAuthor: anna }));
  }),
  opposite('thread', async (scene) => {
    const root = first(await said(scene));
    return scene.once(scene.far.message(BO, scene.word(), { thread: { root, last: root } }));
  }),
  opposite('attachment', async (scene) => {
    const file = { name: `${scene.word()}.txt`, mediaType: 'text/plain', bytes: 3, source: 'far' };
    return scene.once(scene.far.message(BO, scene.word(), { attachments: [file] }));
  }),
  opposite('membership', (scene) => scene.once(scene.far.membership(BO, 'join'))),
  opposite('channelName', (scene) => scene.once(scene.far.channel(BO, { name: scene.word() }))),
  opposite('channelTopic', (scene) => scene.once(scene.far.channel(BO, { topic: scene.word() }))),
];

export const CHANGED: readonly Case[] = [
  {
    name: 'an edit goes out',
    wanted: carriedOut('edit'),
    run: async (scene) => {
      const old = scene.word();
      let { messages } = await said(scene, old);
      for (const word of [scene.word(), scene.word()]) {
        ({ messages } = await scene.send(scene.far.edit(ANNA, messages, word)));
        const seen = await scene.seenSaying(word);
        expect(asRead(seen.text)).toBe(word);
        expect(seen.edited).toBe(true);
        expect(await scene.countOf(word)).toBe(1);
      }
      expect(await scene.countOf(old)).toBe(0);
    },
  },
  {
    name: 'a removal by the author goes out',
    wanted: carriedOut('deleteOwn'),
    run: async (scene) => {
      const word = scene.word();
      const { messages } = await said(scene, word);
      await scene.send(scene.far.remove(ANNA, messages));
      await scene.eventually('the message to be gone', async () => (await scene.countOf(word)) === 0);
      // Again, as after a crash: what is gone already is no failure.
      const again = await scene.settle({ ...scene.far.remove(ANNA, messages), maybeSent: true });
      expect(again.kind === 'done' || (again.kind === 'refused' && again.code === 'TARGET_UNKNOWN')).toBe(
        true,
      );
    },
  },
  {
    name: 'a removal by a moderator elsewhere goes out',
    wanted: carriedOut('deleteByModerator'),
    run: async (scene) => {
      const word = scene.word();
      const native = await scene.ada.say(word);
      const { event } = await scene.heard(native);
      const author = nativeAuthor(scene.ctx.network, scene.ada.person);
      await scene.send(scene.far.remove(BO, [{ id: event.origin.nativeId }], author));
      await scene.eventually('the message to be gone', async () => (await scene.countOf(word)) === 0);
    },
  },
  {
    name: 'reactions go out as they are set, changed and taken back',
    wanted: carriedOut('reaction'),
    run: async (scene) => {
      const { messages } = await said(scene);
      await reactsAndSees(scene, messages, BO);
    },
  },
  {
    name: 'a reaction goes out to what a native wrote',
    wanted: carriedOut('reaction'),
    run: async (scene) => {
      const native = await scene.ada.say(scene.word());
      const { event } = await scene.heard(native);
      const author = nativeAuthor(scene.ctx.network, scene.ada.person);
      await scene.send(scene.far.react(BO, [{ id: event.origin.nativeId }], ['👍'], {}, author));
      await scene.seen('the reaction', (message) => isOf(scene, message.reactions['👍'], BO.name));
    },
  },
  {
    name: 'a reply goes out with its target',
    wanted: carriedOut('reply'),
    run: async (scene) => {
      const replyTo = first(await said(scene));
      const word = scene.word();
      await scene.send(scene.far.message(BO, word, { replyTo, targetAuthor: anna }));
      const seen = await scene.seenSaying(word);
      expect(idsOf(replyTo)).toContain(seen.replyTo);
      expect(asRead(seen.text)).toBe(word);
      const native = await scene.heard(await scene.ada.say(scene.word()));
      const other = scene.word();
      const targetAuthor = nativeAuthor(scene.ctx.network, scene.ada.person);
      await scene.send(
        scene.far.message(BO, other, { replyTo: { id: native.event.origin.nativeId }, targetAuthor }),
      );
      expect(native.ids).toContain((await scene.seenSaying(other)).replyTo);
    },
  },
  {
    name: 'a thread goes out with its root',
    wanted: carriedOut('thread'),
    run: async (scene) => {
      const root = first(await said(scene));
      let last = root;
      for (const by of [BO, ANNA]) {
        const word = scene.word();
        last = first(await scene.send(scene.far.message(by, word, { thread: { root, last } })));
        const seen = await scene.seenSaying(word);
        expect(idsOf(root)).toContain(seen.thread);
        expect(asRead(seen.text)).toBe(word);
      }
    },
  },
  {
    name: 'a new topic goes out',
    wanted: carriedOut('channelTopic'),
    run: async (scene) => {
      const topic = scene.word();
      await scene.send(scene.far.channel(ANNA, { topic }));
      const read = given(scene.instance.readChannel, 'readChannel').bind(scene.instance);
      await scene.eventually('the topic', async () => (await read()).topic === topic);
    },
  },
  {
    name: 'a new name of the channel goes out',
    wanted: carriedOut('channelName'),
    run: async (scene) => {
      const name = scene.word();
      await scene.send(scene.far.channel(ANNA, { name }));
      const read = given(scene.instance.readChannel, 'readChannel').bind(scene.instance);
      await scene.eventually('the name', async () => (await read()).name === name);
    },
  },
  {
    name: 'joining and leaving go out',
    wanted: carriedOut('membership'),
    run: async (scene) => {
      const outcomes = [
        await scene.send(scene.far.membership(BO, 'join')),
        await scene.send(scene.far.membership(BO, 'leave')),
      ];
      for (const { lost = [] } of outcomes) expect(lost).not.toContain('membership');
    },
  },
  {
    name: 'typing goes out',
    wanted: carriedOut('typing'),
    run: async (scene) => {
      const { bridge, instance } = scene;
      const type = given(bridge.typing, 'bridge.typing').bind(bridge);
      const read = given(instance.readTyping, 'readTyping').bind(instance);
      const types = async (): Promise<boolean> => (await read()).some((label) => label.includes(ANNA.name));
      // Who types has spoken before: networks show nothing of people they do not know.
      await said(scene);
      await type(instance.channel, ANNA, true);
      await scene.eventually('Anna types', types);
      await type(instance.channel, ANNA, false);
      await scene.eventually('Anna does not type any more', async () => !(await types()));
    },
  },
  {
    name: 'having read goes out',
    wanted: carriedOut('read'),
    run: async (scene) => {
      const { bridge, instance, ctx } = scene;
      const { event } = await scene.heard(await scene.ada.say(scene.word()));
      await given(bridge.markRead, 'bridge.markRead').call(bridge, instance.channel, BO, {
        id: event.origin.nativeId,
      });
      await scene.hush();
      expect(ctx.problems).toEqual([]);
    },
  },
  ...opposites,
];
