import { expect } from 'vitest';
import { type Case, carriedIn, carriedOut, given } from '../case.ts';
import { ANNA, BO } from '../far-people.ts';
import type { Scene } from '../scene.ts';

const outageOf = (scene: Scene) => given(scene.instance.outage, 'outage');

export const KEPT: readonly Case[] = [
  {
    name: 'nothing the bridge did comes back as an echo',
    run: async (scene) => {
      const from = scene.ctx.accepted.length;
      const { far, manifest } = scene;
      const author = { network: ANNA.network, person: ANNA.person, native: false };
      let { messages } = await scene.send(far.message(ANNA, scene.word()));
      const { messages: removed } = await scene.send(far.message(BO, scene.word()));
      if (carriedOut('edit')(manifest))
        ({ messages } = await scene.send(far.edit(ANNA, messages, scene.word())));
      if (carriedOut('reaction')(manifest)) await scene.send(far.react(BO, messages, ['👍'], {}, author));
      if (carriedOut('deleteOwn')(manifest)) await scene.send(far.remove(BO, removed));
      if (carriedOut('channelTopic')(manifest)) await scene.send(far.channel(ANNA, { topic: scene.word() }));
      if (carriedOut('membership')(manifest)) await scene.send(far.membership(BO, 'leave'));
      await scene.hush();
      await scene.restart();
      await scene.hush();
      const heard = scene.ctx.accepted
        .slice(from)
        .filter(({ sender }) => sender.nativeId !== scene.ben.person);
      expect(heard).toEqual([]);
    },
  },
  {
    name: 'what the hub could not store is handed in again',
    run: async (scene) => {
      const words = [scene.word(), scene.word(), scene.word()];
      scene.ctx.refuseAccepts = true;
      for (const word of words.slice(0, 2)) await scene.ada.say(word);
      await scene.ctx.clock.sleep(50);
      scene.ctx.refuseAccepts = false;
      await scene.ada.say(words[2] ?? '');
      await scene.eventually('the last word', () => scene.ledger.saying(words[2] ?? ''));
      const heard = scene.ledger.messages.map(({ plain }) => plain).filter((plain) => words.includes(plain));
      expect(heard).toEqual(words);
    },
  },
  {
    name: 'what came while the hub could not store is not lost by a restart',
    run: async (scene) => {
      const word = scene.word();
      scene.ctx.refuseAccepts = true;
      await scene.ada.say(word);
      await scene.ctx.clock.sleep(50);
      await scene.restart(async () => {
        scene.ctx.refuseAccepts = false;
      });
      await scene.eventually('the word', () => scene.ledger.saying(word));
      await scene.hush();
      expect(scene.ledger.messages.filter(({ plain }) => plain === word)).toHaveLength(1);
    },
  },
  {
    name: 'messages written while the bridge was closed are caught up, in order',
    run: async (scene) => {
      const words = Array.from({ length: 10 }, () => scene.word());
      await scene.restart(async () => {
        for (const word of words) await scene.ada.say(word);
      });
      await scene.eventually('the last word', () => scene.ledger.saying(words.at(-1) ?? ''));
      const after = scene.word();
      await scene.ada.say(after);
      await scene.eventually('a word said later', () => scene.ledger.saying(after));
      const heard = scene.ledger.messages
        .map(({ plain }) => plain)
        .filter((plain) => [...words, after].includes(plain));
      expect(heard).toEqual([...words, after]);
    },
  },
  {
    name: 'edits made while the bridge was closed are caught up',
    wanted: carriedIn('edit'),
    run: async (scene) => {
      const message = await scene.ada.say(scene.word());
      await scene.heard(message);
      const word = scene.word();
      await scene.restart(async () => {
        await given(scene.ada.edit, 'actor.edit').call(scene.ada, message, word);
      });
      await scene.eventually('the edit', () => scene.ledger.find(message.id)?.plain === word);
    },
  },
  {
    name: 'removals made while the bridge was closed are caught up',
    wanted: carriedIn('deleteOwn'),
    run: async (scene) => {
      const message = await scene.ada.say(scene.word());
      await scene.heard(message);
      await scene.restart(async () => {
        await given(scene.ada.remove, 'actor.remove').call(scene.ada, message);
      });
      await scene.eventually('the removal', () => scene.ledger.find(message.id)?.deleted);
    },
  },
  {
    name: 'reactions made while the bridge was closed are caught up',
    wanted: carriedIn('reaction'),
    run: async (scene) => {
      const { ada, ben } = scene;
      const message = await ada.say(scene.word());
      await scene.heard(message);
      await scene.restart(async () => {
        await given(ben.react, 'actor.react').call(ben, message, '👍', true);
      });
      await scene.eventually('the reaction', () =>
        scene.ledger.find(message.id)?.reactions.get(ben.person)?.has('👍'),
      );
    },
  },
  {
    name: 'what was said in a detached channel is caught up when it is attached again',
    run: async (scene) => {
      const { channel } = scene.instance;
      await scene.bridge.detach(channel);
      const word = scene.word();
      await scene.ada.say(word);
      await scene.ctx.clock.sleep(50);
      expect(scene.ledger.saying(word)).toBeUndefined();
      await scene.bridge.attach(channel);
      await scene.eventually('the word', () => scene.ledger.saying(word));
    },
  },
  {
    name: 'messages sent during an outage arrive exactly once, in order',
    run: async (scene) => {
      const outage = outageOf(scene);
      const words = Array.from({ length: 5 }, () => scene.word());
      await outage.down();
      const early = scene.far.message(ANNA, words[0] ?? '');
      const outcome = await scene.once(early);
      expect(['later', 'unsure']).toContain(outcome.kind);
      await outage.up();
      await scene.send({ ...early, maybeSent: outcome.kind === 'unsure' });
      for (const word of words.slice(1)) await scene.send(scene.far.message(ANNA, word));
      await scene.seenSaying(words.at(-1) ?? '');
      const seen = (await scene.history()).flatMap(({ text }) => words.filter((word) => text.includes(word)));
      expect(seen).toEqual(words);
    },
  },
  {
    name: 'sends cut off by an outage arrive exactly once',
    run: async (scene) => {
      const outage = outageOf(scene);
      const words = Array.from({ length: 6 }, () => scene.word());
      const lane = (async () => {
        for (const word of words) await scene.send(scene.far.message(ANNA, word));
      })();
      await outage.down();
      await scene.ctx.clock.sleep(20);
      await outage.up();
      await lane;
      await scene.seenSaying(words.at(-1) ?? '');
      const seen = (await scene.history()).flatMap(({ text }) => words.filter((word) => text.includes(word)));
      expect(seen).toEqual(words);
    },
  },
  {
    name: 'a send whose answer is lost arrives exactly once',
    run: async (scene) => {
      given(scene.instance.loseNextAnswer, 'loseNextAnswer').call(scene.instance);
      const word = scene.word();
      const delivery = scene.far.message(ANNA, word);
      // Nobody waits the whole time limit of a real network in a test.
      const limit = new AbortController();
      const cancel = scene.ctx.clock.after(300, () => limit.abort());
      const outcome = await scene.bridge.send(delivery, limit.signal);
      cancel();
      expect(outcome.kind).toBe('unsure');
      await scene.send({ ...delivery, maybeSent: true });
      await scene.seenSaying(word);
      expect(await scene.countOf(word)).toBe(1);
    },
  },
  {
    name: 'what natives say during an outage is caught up, in order',
    run: async (scene) => {
      const outage = outageOf(scene);
      await outage.down();
      const words = Array.from({ length: 5 }, () => scene.word());
      for (const word of words) await scene.ada.say(word);
      await outage.up();
      await scene.eventually('the last word', () => scene.ledger.saying(words.at(-1) ?? ''));
      const heard = scene.ledger.messages.map(({ plain }) => plain).filter((plain) => words.includes(plain));
      expect(heard).toEqual(words);
    },
  },
];
