import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { Case } from '../case.ts';
import { ANNA } from '../far-people.ts';

export const LIFE: readonly Case[] = [
  {
    name: 'opens and closes more than once',
    closed: true,
    run: async (scene) => {
      await scene.bridge.close();
      await scene.bridge.open(scene.ctx);
      await scene.bridge.open(scene.ctx);
      await scene.bridge.close();
      await scene.bridge.close();
      await scene.open();
      const word = scene.word();
      await scene.ada.say(word);
      await scene.eventually('a native word', () => scene.ledger.saying(word));
    },
  },
  {
    name: 'attaching twice and detaching twice do no harm',
    run: async (scene) => {
      const { channel } = scene.instance;
      await scene.bridge.attach(channel);
      await scene.bridge.detach(channel);
      await scene.bridge.detach(channel);
      await scene.bridge.attach(channel);
      await scene.hush();
      expect(scene.ctx.repeated).toEqual([]);
    },
  },
  {
    name: 'a closed bridge sends nothing and says so',
    run: async (scene) => {
      await scene.bridge.close();
      const word = scene.word();
      const outcome = await scene.once(scene.far.message(ANNA, word));
      expect(['later', 'unsure']).toContain(outcome.kind);
      expect(await scene.countOf(word)).toBe(0);
    },
  },
  {
    name: 'close settles the sends under way',
    run: async (scene) => {
      const word = scene.word();
      const delivery = scene.far.message(ANNA, word);
      const sending = scene.once(delivery);
      await scene.bridge.close();
      const outcome = await sending;
      await scene.restart();
      if (outcome.kind !== 'done') await scene.send({ ...delivery, maybeSent: outcome.kind === 'unsure' });
      await scene.seenSaying(word);
      expect(await scene.countOf(word)).toBe(1);
    },
  },
  {
    name: 'tells when it is up, and when it is not any more',
    run: async (scene) => {
      expect(scene.ctx.states.at(-1)?.state).toBe('up');
      await scene.bridge.close();
      expect(scene.ctx.states.at(-1)?.state).not.toBe('up');
    },
  },
  {
    name: 'check gives findings, each trouble with its remedy',
    closed: true,
    run: async (scene) => {
      const { ctx, channel } = scene.instance;
      const stop = new AbortController();
      const { network, settings, clock } = ctx;
      const asked = { network, settings, clock, signal: stop.signal };
      for (const channels of [[], [channel]]) {
        const findings = await scene.bridge.check({ ...asked, channels });
        expect(findings.length).toBeGreaterThan(0);
        for (const { level, what, remedy } of findings) {
          expect(what.length).toBeGreaterThan(0);
          if (level !== 'ok') expect(remedy, what).toBeTruthy();
          expect(level, what).not.toBe('fail');
        }
      }
    },
  },
  {
    name: 'what a hub says of itself stands in the channel, and is told',
    run: async (scene) => {
      const { ctx, instance } = scene;
      if (scene.bridge.announce === undefined) return;
      const own = { hub: 'this hub', instance: 'instance-1', room: 'room-0001', link: 'link-0001' };
      const told = (since: number) => (): boolean =>
        isDeepStrictEqual(ctx.notices.get(instance.channel), [{ ...own, since }]);
      expect(ctx.notices.get(instance.channel)).toEqual([]);
      scene.bridge.announce(instance.channel, { ...own, since: 2 });
      await scene.eventually('the notice', told(2));
      scene.bridge.announce(instance.channel, { ...own, since: -1 });
      await scene.eventually('the notice in place of the one before', told(-1));
      await scene.hush();
      expect(told(-1)()).toBe(true);
    },
  },
];
