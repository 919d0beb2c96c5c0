import type { BridgeContext, Language } from '@brygga/contract';
import type { ChannelId } from '@brygga/event';

/** What the bridge itself says in rooms, where XMPP has no way to show it. */
interface Words {
  /** A message was removed, and the room does not let the bot remove it here. */
  removed(who: string): string;
  topic(who: string, topic: string): string;
  /** For clients that do not know retractions. */
  readonly retracted: string;
  readonly encrypted: string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    removed: (who) => `${who} removed this message elsewhere.`,
    topic: (who, topic) => `${who} changed the topic to: ${topic}`,
    retracted: 'removed a message.',
    encrypted: '[an encrypted message, which is not bridged]',
  },
  sv: {
    removed: (who) => `${who} har tagit bort det här meddelandet på annat håll.`,
    topic: (who, topic) => `${who} ändrade ämnet till: ${topic}`,
    retracted: 'har tagit bort ett meddelande.',
    encrypted: '[ett krypterat meddelande, som inte bryggas]',
  },
};

/** In the language of that room. */
export const wordsIn = (ctx: Pick<BridgeContext<unknown>, 'language'>, room: ChannelId): Words =>
  WORDS[ctx.language(room)];
