import type { Manifest } from '@brygga/contract';
import { expect } from 'vitest';
import { asRead } from '../body-view.ts';
import { type Case, carriedOut } from '../case.ts';
import { ANNA } from '../far-people.ts';
import { isSame, type Scene } from '../scene.ts';

/** Numbered words, so that one can tell what is missing or doubled: at least `bytes` of them. */
function numbered(word: string, bytes: number): string[] {
  const count = Math.ceil(bytes / (word.length + 8));
  return Array.from({ length: count }, (_, at) => `${word}-${String(at).padStart(6, '0')}`);
}

async function wordsSeen(scene: Scene, word: string): Promise<string[]> {
  const all = (await scene.history()).filter(({ deleted }) => !deleted).map(({ text }) => asRead(text));
  return all.join('\n').match(new RegExp(`${word}-\\d{6}`, 'g')) ?? [];
}

const splits = ({ limits }: Manifest): boolean => limits.partsMax >= 3;

export const LONG: readonly Case[] = [
  {
    name: 'long text arrives whole, in parts that are all named',
    wanted: splits,
    run: async (scene) => {
      const words = numbered(scene.word(), scene.manifest.limits.textBytes * 2);
      const word = words[0]?.split('-')[0] ?? '';
      const { messages } = await scene.send(scene.far.message(ANNA, words.join(' ')));
      expect(messages.length).toBeGreaterThan(1);
      expect(messages.length).toBeLessThanOrEqual(scene.manifest.limits.partsMax);
      await scene.eventually('all words', async () => (await wordsSeen(scene, word)).length >= words.length);
      expect(await wordsSeen(scene, word)).toEqual(words);
      const history = await scene.history();
      for (const message of messages) expect(history.some((seen) => isSame(message, seen))).toBe(true);
    },
  },
  {
    name: 'the same long delivery twice is there once',
    wanted: splits,
    run: async (scene) => {
      const words = numbered(scene.word(), scene.manifest.limits.textBytes * 2);
      const word = words[0]?.split('-')[0] ?? '';
      const delivery = scene.far.message(ANNA, words.join(' '));
      const { messages } = await scene.send(delivery);
      const again = await scene.send({ ...delivery, maybeSent: true });
      expect(again.messages.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
      await scene.eventually('all words', async () => (await wordsSeen(scene, word)).length >= words.length);
      expect(await wordsSeen(scene, word)).toEqual(words);
    },
  },
  {
    name: 'long text can be edited, shorter and longer',
    wanted: (manifest) => splits(manifest) && carriedOut('edit')(manifest),
    run: async (scene) => {
      const { textBytes } = scene.manifest.limits;
      const old = numbered(scene.word(), textBytes * 2);
      let { messages } = await scene.send(scene.far.message(ANNA, old.join(' ')));
      for (const bytes of [textBytes / 4, textBytes * 2]) {
        const words = numbered(scene.word(), bytes);
        const word = words[0]?.split('-')[0] ?? '';
        ({ messages } = await scene.send(scene.far.edit(ANNA, messages, words.join(' '))));
        await scene.eventually(
          'all new words',
          async () => (await wordsSeen(scene, word)).length >= words.length,
        );
        expect(await wordsSeen(scene, word)).toEqual(words);
        const before = old[0]?.split('-')[0] ?? '';
        await scene.eventually('no old word', async () => (await wordsSeen(scene, before)).length === 0);
      }
    },
  },
  {
    name: 'long text can be removed',
    wanted: (manifest) => splits(manifest) && carriedOut('deleteOwn')(manifest),
    run: async (scene) => {
      const words = numbered(scene.word(), scene.manifest.limits.textBytes * 2);
      const word = words[0]?.split('-')[0] ?? '';
      const { messages } = await scene.send(scene.far.message(ANNA, words.join(' ')));
      await scene.eventually('all words', async () => (await wordsSeen(scene, word)).length >= words.length);
      await scene.send(scene.far.remove(ANNA, messages));
      await scene.eventually('no word', async () => (await wordsSeen(scene, word)).length === 0);
    },
  },
  {
    name: 'text beyond all parts is cut, and says so by being there',
    run: async (scene) => {
      const { textBytes, partsMax } = scene.manifest.limits;
      const words = numbered(scene.word(), textBytes * (partsMax + 1));
      const word = words[0]?.split('-')[0] ?? '';
      const outcome = await scene.settle(scene.far.message(ANNA, words.join(' ')));
      if (outcome.kind === 'refused') {
        expect(outcome.code).toBe('TOO_LARGE');
        return;
      }
      expect(outcome.kind === 'done' && outcome.messages.length).toBeLessThanOrEqual(partsMax);
      await scene.eventually('the beginning', async () => (await wordsSeen(scene, word))[0] === words[0]);
    },
  },
];
