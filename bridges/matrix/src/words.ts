import type { BridgeContext, Language } from '@brygga/contract';
import type { ChannelId, EventOf } from '@brygga/event';

/** What the bot itself says in rooms, where Matrix has no way to show it. */
interface Words {
  readonly encrypted: string;
  /** What it may not set here. */
  name(name: string): string;
  topic(topic: string): string;
  membership(change: EventOf<'membership'>['change'], who: string, before: string): string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    encrypted: 'This room is end-to-end encrypted. Messages are not bridged.',
    name: (name) => `The other side is now called: ${name}`,
    topic: (topic) => `Topic: ${topic}`,
    membership: (change, who, before) =>
      ({
        join: `${who} joined`,
        leave: `${who} left`,
        kick: `${who} was removed`,
        ban: `${who} was banned`,
        rename: `${before} is now called ${who}`,
      })[change],
  },
  sv: {
    encrypted: 'Det här rummet är krypterat från ände till ände. Meddelanden överförs inte.',
    name: (name) => `Den andra sidan heter nu: ${name}`,
    topic: (topic) => `Ämne: ${topic}`,
    membership: (change, who, before) =>
      ({
        join: `${who} gick med`,
        leave: `${who} lämnade`,
        kick: `${who} togs bort`,
        ban: `${who} stängdes av`,
        rename: `${before} heter nu ${who}`,
      })[change],
  },
};

/** In the language of that room. */
export const wordsIn = (ctx: Pick<BridgeContext<unknown>, 'language'>, room: ChannelId): Words =>
  WORDS[ctx.language(room)];
