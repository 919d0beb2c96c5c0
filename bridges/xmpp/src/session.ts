import type { BridgeContext, Persona } from '@brygga/contract';
import type { NetworkId, PersonId } from '@brygga/event';
import type { Gate } from '@brygga/wire';
import type { Archive } from './archive.ts';
import { RESOURCE } from './component.ts';
import { ghostLocal, type SentIds } from './ids.ts';
import type { Iqs } from './iq.ts';
import type { XmppSettings } from './settings.ts';
import type { Element } from './stanza.ts';

/** What all channels of one network share. */
export interface Session {
  readonly ctx: BridgeContext<XmppSettings>;
  readonly settings: XmppSettings;
  readonly sent: SentIds;
  readonly iqs: Iqs;
  readonly archive: Archive;
  /** Joins under way, over all rooms: each costs the room a presence per occupant. */
  readonly joins: Gate;
  /** False when there is no stream: then it was not written. */
  write(stanza: Element): boolean;
  isUp(): boolean;
  /** The bot's full JID; empty before the first stream of an account. */
  botJid(): string;
  /** Messages under way, over all rooms. */
  readonly flying: { count: number };
  /** Stops, and goes on with, reading from the network: the hub cannot take any more. */
  hold(): void;
  goOn(): void;
  /** Builds the stream anew. */
  drop(): void;
}

/** Somebody of ours who sits in rooms. */
export interface Voice {
  readonly jid: string;
  readonly label: string;
  readonly suffix: string;
  readonly bot: boolean;
}

export const botVoice = (session: Session): Voice => ({
  jid: session.botJid(),
  label: session.settings.nick,
  suffix: '',
  bot: true,
});

/** The full JID of a person's ghost; null where there are none. */
export function ghostJid({ settings }: Session, network: NetworkId, person: PersonId): string | null {
  return settings.mode === 'account' ? null : `${ghostLocal(network, person)}@${settings.domain}/${RESOURCE}`;
}

/** Who says what a person says: their ghost, or the bot where it speaks for everybody. */
export function voiceOf(session: Session, persona: Persona | null): Voice {
  const { settings } = session;
  if (persona === null || settings.mode === 'account') return botVoice(session);
  return {
    jid: ghostJid(session, persona.network, persona.person) ?? session.botJid(),
    label: persona.label,
    suffix: settings.nickSuffix,
    bot: false,
  };
}
