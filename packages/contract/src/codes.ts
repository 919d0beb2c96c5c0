import type { Language } from './language.ts';

/**
 * The one table of what can go wrong. `certainty`: notSent (it did not arrive), maybeSent (it may have).
 * `people` is what the person who wrote the message is told; null when they are not told.
 */
interface Row {
  readonly certainty: 'notSent' | 'maybeSent';
  readonly operator: string;
  readonly people: Readonly<Record<Language, string>> | null;
}

const row = (certainty: Row['certainty'], operator: string, en?: string, sv?: string): Row => ({
  certainty,
  operator,
  people: en === undefined || sv === undefined ? null : { en, sv },
});

export const CODES = {
  NETWORK_DOWN: row(
    'notSent',
    'the network cannot be reached: see that its server runs and the address in the settings is right',
    'Their system cannot be reached.',
    'Deras system går inte att nå.',
  ),
  NETWORK_BUSY: row(
    'notSent',
    'the network asked to slow down (rate limit)',
    'Their system takes messages only slowly.',
    'Deras system tar bara emot meddelanden långsamt.',
  ),
  NETWORK_ERROR: row(
    'notSent',
    'the network answered with an internal error',
    'Their system has a fault.',
    'Deras system har ett fel.',
  ),
  NO_ANSWER: row(
    'maybeSent',
    'the network did not answer in time',
    'Their system does not answer.',
    'Deras system svarar inte.',
  ),
  CONNECTION_LOST: row(
    'maybeSent',
    'the connection was lost before the network answered',
    'The connection to their system breaks.',
    'Förbindelsen till deras system bryts.',
  ),
  HUB_STOPPING: row('maybeSent', 'the hub was stopped while the delivery was under way'),
  CREDENTIALS_REFUSED: row(
    'notSent',
    "the network refused the credentials: see the network's secret in the settings and its registration",
    'Their system does not let the bridge in.',
    'Deras system släpper inte in bryggan.',
  ),
  NOT_IN_CHANNEL: row(
    'notSent',
    'the ghost or the hub is not in the channel and could not join: invite it, or give it the right to join',
    'The other side has not let the bridge in.',
    'Den andra sidan har inte släppt in bryggan.',
  ),
  CHANNEL_GONE: row(
    'notSent',
    'the channel does not exist any more: retire the link',
    'The channel on the other side does not exist any more.',
    'Kanalen på den andra sidan finns inte längre.',
  ),
  CHANNEL_ENCRYPTED: row(
    'notSent',
    'the channel is end-to-end encrypted, which is not bridged',
    'The channel on the other side is encrypted and cannot be bridged.',
    'Kanalen på den andra sidan är krypterad och kan inte bryggas.',
  ),
  FORBIDDEN: row(
    'notSent',
    'the network forbids this to the hub: see the rights `brygga check --online` names',
    'The other side does not allow this.',
    'Den andra sidan tillåter inte detta.',
  ),
  PERSON_BANNED: row(
    'notSent',
    "the person's ghost is banned from the channel",
    'The person is banned on the other side.',
    'Personen är avstängd på den andra sidan.',
  ),
  TOO_LARGE: row(
    'notSent',
    'the network refuses the size even after splitting',
    'The message is too large for the other side.',
    'Meddelandet är för stort för den andra sidan.',
  ),
  NOT_ACCEPTABLE: row(
    'notSent',
    'the network refuses the content',
    'The other side does not accept the content.',
    'Den andra sidan godtar inte innehållet.',
  ),
  TARGET_UNKNOWN: row(
    'notSent',
    'the message referred to is not on this link',
    'The message it belongs to is not on the other side.',
    'Meddelandet som det hör till finns inte på den andra sidan.',
  ),
  FEATURE_REFUSED: row(
    'notSent',
    "the network's manifest refuses this feature",
    'The other side cannot take this kind of message.',
    'Den andra sidan kan inte ta emot denna typ av meddelande.',
  ),
  TOO_OLD: row(
    'notSent',
    "the delivery could not be made within the link's deliverWithin",
    'The message could not be delivered in time.',
    'Meddelandet kunde inte levereras i tid.',
  ),
  BRIDGE_FAULT: row(
    'maybeSent',
    'the bridge threw an error: a defect, please report it',
    'The message could not be delivered because of a fault in the bridge.',
    'Meddelandet kunde inte levereras på grund av ett fel i bryggan.',
  ),
} as const satisfies Record<string, Row>;

export type Code = keyof typeof CODES;
export type CodeRow = Row;
