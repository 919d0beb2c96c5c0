import type { BridgeContext, Language } from '@brygga/contract';
import type { ChannelId } from '@brygga/event';

/** What the bridge itself says in channels. */
interface Words {
  /** Above the new text of a message that the server does not let be edited any more. */
  readonly edited: string;
  /** In place of a removed message that has answers. */
  readonly removed: string;
  /** In place of a new header. */
  readonly topic: (who: string, topic: string) => string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    edited: '_Changed:_',
    removed: '_(removed)_',
    topic: (who, topic) => `${who} changed the topic to: ${topic}`,
  },
  sv: {
    edited: '_Ändrat:_',
    removed: '_(borttaget)_',
    topic: (who, topic) => `${who} ändrade ämnet till: ${topic}`,
  },
};

export const wordsIn = (ctx: Pick<BridgeContext<unknown>, 'language'>, channel: ChannelId): Words =>
  WORDS[ctx.language(channel)];
