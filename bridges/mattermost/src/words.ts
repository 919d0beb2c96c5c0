import type { BridgeContext, Language } from '@brygga/contract';
import type { ChannelId } from '@brygga/event';

/** What the bridge itself says in channels. */
interface Words {
  /** Above the new text of a message that the server does not let be edited any more. */
  readonly edited: string;
  /** In place of a removed message that has answers. */
  readonly removed: string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: { edited: '_Changed:_', removed: '_(removed)_' },
  sv: { edited: '_Ändrat:_', removed: '_(borttaget)_' },
};

export const wordsIn = (ctx: Pick<BridgeContext<unknown>, 'language'>, channel: ChannelId): Words =>
  WORDS[ctx.language(channel)];
