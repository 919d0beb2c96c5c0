import { CODES, type Feature, type Manifest, type Persona } from '@brygga/contract';
import type { Block, Body, Inline } from '@brygga/event';
import { networkId } from '@brygga/event';
import { expect } from 'vitest';
import { asRead } from '../body-view.ts';
import { type Case, carried } from '../case.ts';
import { ANNA, BO } from '../far-people.ts';
import type { Scene } from '../scene.ts';
import { isSame } from '../scene.ts';
import { ODD_TEXTS } from './odd-texts.ts';

const text = (value: string): Inline => ({ type: 'text', value });
const paragraph = (...children: Inline[]): Block => ({ type: 'paragraph', children });
const body = (...children: Block[]): Body => ({ type: 'root', children });
const item = (value: string) => ({
  type: 'listItem' as const,
  checked: null,
  children: [paragraph(text(value))],
});
const row = (...cells: string[]) => ({
  type: 'tableRow' as const,
  children: cells.map((cell) => ({ type: 'tableCell' as const, children: [text(cell)] })),
});

type Writer = (word: string, scene: Scene) => Body;

/** A body that uses the feature around the word. */
const FORMATS: Readonly<Partial<Record<Feature, Writer>>> = {
  strong: (word) => body(paragraph(text('a '), { type: 'strong', children: [text(word)] }, text(' b'))),
  emphasis: (word) => body(paragraph(text('a '), { type: 'emphasis', children: [text(word)] }, text(' b'))),
  strike: (word) => body(paragraph(text('a '), { type: 'delete', children: [text(word)] }, text(' b'))),
  inlineCode: (word) => body(paragraph(text('a '), { type: 'inlineCode', value: word }, text(' b'))),
  codeBlock: (word) => body({ type: 'code', lang: 'js', value: `${word}\n  b` }),
  quote: (word) => body({ type: 'blockquote', children: [paragraph(text(word))] }, paragraph(text('b'))),
  list: (word) => body({ type: 'list', ordered: false, start: null, children: [item(word), item('b')] }),
  heading: (word) => body({ type: 'heading', depth: 2, children: [text(word)] }, paragraph(text('b'))),
  link: (word) =>
    body(paragraph(text('a '), { type: 'link', url: 'https://example.org/', children: [text(word)] })),
  table: (word) => body({ type: 'table', align: [null, 'right'], children: [row('a', 'b'), row(word, 'c')] }),
  customEmoji: (word) => body(paragraph(text('a '), { type: 'emoji', name: word })),
  mentionPerson: (word, { ben, ctx }) => {
    const target = { kind: 'person' as const, network: networkId(ctx.network), person: ben.person };
    return body(paragraph({ type: 'mention', target, label: ben.displayName }, text(` ${word}`)));
  },
  mentionRoom: (word) =>
    body(paragraph({ type: 'mention', target: { kind: 'room' }, label: 'room' }, text(` ${word}`))),
};

const gradeOf = (manifest: Manifest, feature: Feature) => manifest.features[feature].out;

const formats: Case[] = Object.entries(FORMATS).map(([name, write]) => {
  const feature = name as Feature;
  return {
    name: `goes out by its grade: ${feature}`,
    run: async (scene) => {
      const word = scene.word();
      const delivery = scene.far.message(ANNA, write(word, scene));
      if (gradeOf(scene.manifest, feature) === 'refused') {
        expect((await scene.once(delivery)).kind).toBe('refused');
        return;
      }
      const { lost = [] } = await scene.send(delivery);
      const seen = await scene.seenSaying(word);
      if (carried(gradeOf(scene.manifest, feature))) {
        expect(seen.features).toContain(feature);
        expect(lost).not.toContain(feature);
      } else {
        expect(seen.features).not.toContain(feature);
        expect(lost).toContain(feature);
      }
    },
  };
});

const styles: Case[] = (['emote', 'notice'] as const).map((style) => ({
  name: `goes out by its grade: ${style}`,
  run: async (scene) => {
    const word = scene.word();
    const { lost = [] } = await scene.send(scene.far.message(ANNA, word, { style }));
    await scene.seenSaying(word);
    expect(lost.includes(style)).toBe(!carried(gradeOf(scene.manifest, style)));
  },
}));

const odd: Case[] = ODD_TEXTS.map(({ name, written, read }) => ({
  name: `text goes out letter for letter: ${name}`,
  run: async (scene) => {
    const word = scene.word();
    await scene.send(scene.far.message(ANNA, written(word)));
    const seen = await scene.seenSaying(word);
    expect(asRead(seen.text)).toBe(asRead(read(word)));
    expect(seen.features).toEqual([]);
  },
}));

export const SENT: readonly Case[] = [
  {
    name: 'a message goes out under the name and organisation of its author',
    run: async (scene) => {
      for (const person of [ANNA, BO]) {
        const word = scene.word();
        const { messages } = await scene.send(scene.far.message(person, word));
        const seen = await scene.seenSaying(word);
        expect(asRead(seen.text)).toBe(word);
        expect(seen.author).toContain(person.name);
        expect(seen.author).toContain(person.organisation);
        const [first] = messages;
        expect(first !== undefined && isSame(first, seen), 'the outcome names the message natives see').toBe(
          true,
        );
      }
    },
  },
  {
    name: 'the hub itself can speak',
    run: async (scene) => {
      const word = scene.word();
      await scene.send({ ...scene.far.message(ANNA, word, { style: 'notice' }), persona: null });
      const seen = await scene.seenSaying(word);
      expect(seen.author).not.toContain(ANNA.name);
    },
  },
  {
    name: 'deliveries of one lane stay in order',
    run: async (scene) => {
      const { sendWindow, sendWindowOf } = scene.manifest.limits;
      const words = Array.from({ length: 12 }, () => scene.word());
      const by = (index: number): Persona => (sendWindowOf === 'anybody' && index % 2 === 1 ? BO : ANNA);
      const deliveries = words.map((word, index) => scene.far.message(by(index), word));
      for (let from = 0; from < words.length; from += sendWindow)
        await scene.sendTogether(deliveries.slice(from, from + sendWindow));
      await scene.seenSaying(words.at(-1) ?? '');
      const seen = (await scene.history()).map((message) => asRead(message.text));
      expect(seen.filter((said) => words.includes(said))).toEqual(words);
    },
  },
  {
    name: 'the same delivery twice is one message',
    run: async (scene) => {
      const word = scene.word();
      const delivery = scene.far.message(ANNA, word);
      const first = await scene.send(delivery);
      const again = await scene.send({ ...delivery, maybeSent: true });
      const seen = await scene.seenSaying(word);
      expect(await scene.countOf(word)).toBe(1);
      for (const { messages } of [first, again]) {
        const [message] = messages;
        expect(message !== undefined && isSame(message, seen)).toBe(true);
      }
    },
  },
  {
    name: 'a refusal carries a code people can be told',
    run: async (scene) => {
      const word = scene.word();
      const gone = { id: scene.far.message(ANNA, word).event.origin.nativeId };
      const outcome = await scene.once(scene.far.edit(ANNA, [gone], word));
      if (outcome.kind !== 'done') expect(Object.keys(CODES)).toContain(outcome.code);
    },
  },
  ...formats,
  ...styles,
  ...odd,
];
