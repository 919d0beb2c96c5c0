import type { Redis } from 'ioredis';
import { crossings } from '../../house/compare.ts';
import { Eyes, stampOf } from '../../house/eyes.ts';
import type { House, HouseRoom } from '../../house/house.ts';
import { matrixWriter, type Writer, xmppWriter } from '../../house/traffic.ts';
import type { Comparable } from '../../house/views.ts';
import type { Stamped } from '../../house/xmpp-people.ts';
import type { Act } from '../acts.ts';
import { Broken } from '../history.ts';

/** As a house has them. */
export const PREFIX = 'brygga';
export const MATRIX = 'skv-matrix';
export const XMPP = 'msb-xmpp';

/** How long what somebody acts on may take to be shown, whatever befell it. */
const SHOWN_MS = 120_000;

/** Somebody of one side, who finds there what was said on either. */
interface Hand<Id> extends Writer<Id> {
  find(text: string): Promise<Id>;
}

/** An XMPP message by its ids, and by who is seen to have written it. */
type Seen = Stamped & { readonly from: string };

/** One room: Anna on Matrix (link 0), Bosse on XMPP (link 1), and the histories that their servers keep. */
export class RealRoom {
  readonly #house: House;
  readonly #room: HouseRoom;
  readonly #raw: Redis;
  readonly #hands: readonly [Does, Does];
  #histories = 0;

  constructor(house: House, room: HouseRoom, raw: Redis) {
    this.#house = house;
    this.#room = room;
    this.#raw = raw;
    const eyes = new Eyes(house, room, 'bosse', SHOWN_MS);
    this.#hands = [doing(matrixHand(house, room, eyes)), doing(xmppHand(house, room, eyes))];
  }

  /** Ghosts are made at somebody's first word, and nothing of that belongs to a history. */
  async warmUp(): Promise<void> {
    this.begin();
    await this.perform({ do: 'say', at: { room: 0, link: 0 }, word: 'w1' });
    await this.perform({ do: 'say', at: { room: 0, link: 1 }, word: 'w2' });
    await this.perform({ do: 'react', at: { room: 0, link: 0 }, word: 'w2', emoji: '👍', on: true });
    await this.perform({ do: 'react', at: { room: 0, link: 1 }, word: 'w1', emoji: '👍', on: true });
  }

  /** A further history begins: its words are none of those before. */
  begin(): void {
    this.#histories += 1;
  }

  /** Does it, once what it is about is shown on that side. Memberships are let be. */
  async perform(act: Act): Promise<void> {
    if ('who' in act) return;
    await this.#hands[act.at.link === 0 ? 0 : 1](act, this.#histories);
  }

  /**
   * What is wrong with the histories of both servers since the room is there: each side's messages once and in
   * order on the other, with their edits, answers and reactions, without those removed; and nothing under way or
   * given up. `hurt`: after a fault an answer may stand by itself.
   */
  async complaints(hurt: boolean): Promise<string[]> {
    const names = ['in', 'aside', `out:${MATRIX}`, `out:${XMPP}`, 'letters'];
    const lanes = names.map((name) => `${PREFIX}:{${this.#room.id}}:${name}`);
    const there = await Promise.all(lanes.map((lane) => this.#raw.exists(lane)));
    const busy = lanes.filter((_, index) => there[index] === 1).map((lane) => `${lane} is not empty`);
    const directions = await crossings(this.#house, this.#room, ['Bosse']);
    return [
      ...busy,
      ...directions.flatMap(({ from, native, ghost }) =>
        differences(native, ghost, hurt).map((one) => `${this.#room.id}, from ${from}: ${one}`),
      ),
    ];
  }
}

function differences(native: readonly Comparable[], ghost: readonly Comparable[], hurt: boolean): string[] {
  const said = (one: Comparable | undefined): string => JSON.stringify(one ?? null);
  const length = Math.max(native.length, ghost.length);
  for (let at = 0; at < length; at += 1) {
    const [meant, shows] = [native[at], ghost[at]];
    const alone = hurt && shows?.replyTo === null && meant !== undefined;
    if (said(meant) === said(alone ? { ...shows, replyTo: meant.replyTo } : shows)) continue;
    const lengths = `${native.length} messages, ${ghost.length} came`;
    return [`${lengths}; the first that differs is ${said(meant)}, which came as ${said(shows)}`];
  }
  return [];
}

type Does = (act: Exclude<Act, { readonly who: string }>, history: number) => Promise<void>;

/** Carries out acts with the hand of one side, which knows its messages by the words in them. */
function doing<Id>(hand: Hand<Id>): Does {
  const own = new Map<string, Id>();
  return async (act, history) => {
    const marked = (word: string): string => `${word}-${history} is said`;
    const idOf = async (word: string): Promise<Id> => own.get(marked(word)) ?? hand.find(marked(word));
    const text = marked(act.word);
    switch (act.do) {
      case 'say':
        own.set(
          text,
          act.replyTo === undefined ? await hand.say(text) : await hand.reply(await idOf(act.replyTo), text),
        );
        return;
      case 'edit':
        return hand.edit(await idOf(act.word), `${act.word}-${history} ${act.text}`);
      case 'remove':
        return hand.remove(await idOf(act.word));
      case 'react':
        if (act.on) await hand.react(await idOf(act.word), act.emoji);
    }
  };
}

const matrixHand = (house: House, room: HouseRoom, eyes: Eyes): Hand<string> => ({
  ...matrixWriter(house.anna, room),
  find: async (text) => (await missing(eyes.readsMatrix(text))).event_id,
});

function xmppHand(house: House, room: HouseRoom, eyes: Eyes): Hand<Seen> {
  const writer = xmppWriter(house, 'bosse', 'Bosse', room);
  const seen = async (stamped: Promise<Stamped>): Promise<Seen> => ({
    ...(await stamped),
    from: `${room.muc}/Bosse`,
  });
  return {
    say: (text) => seen(writer.say(text)),
    edit: (id, text) => writer.edit(id, text),
    remove: (id) => writer.remove(id),
    react: (id, emoji) => writer.react(id, emoji),
    reply: (to, text) => seen(house.xmpp.reply('bosse', room.muc, to, text)),
    find: async (text) => {
      const stanza = await missing(eyes.readsXmpp(text));
      return { id: String(stanza.attrs.id), stanzaId: stampOf(stanza), from: String(stanza.attrs.from) };
    },
  };
}

/** What is waited for in vain is a broken promise. */
async function missing<T>(looked: Promise<T>): Promise<T> {
  try {
    return await looked;
  } catch (error) {
    throw new Broken(error instanceof Error ? error.message : String(error));
  }
}
