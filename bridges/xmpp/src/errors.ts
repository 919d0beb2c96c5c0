import { type Code, later, type Outcome, refused, unsure } from '@brygga/contract';
import { attribute, type Element, NS } from './stanza.ts';

/** A stanza error by its type and condition (RFC 6120 §8.3). Its text is for people and never read. */
export interface StanzaError {
  readonly type: string;
  readonly condition: string;
  /** Seconds are asked for in `<retry stamp>` (XEP-0363); here for whoever else sends it. */
  readonly retryAt: number | null;
}

/** Reads the `<error>` of a stanza. */
export function stanzaError(stanza: Element): StanzaError {
  const error = stanza.getChild('error');
  const condition = error?.getChildElements().find((child) => child.getNS() === NS.stanzas);
  const stamp = Date.parse(attribute(error?.getChild('retry'), 'stamp'));
  return {
    type: attribute(error, 'type'),
    condition: condition?.getName() ?? 'undefined-condition',
    retryAt: Number.isNaN(stamp) ? null : stamp,
  };
}

/** rejoin: enter the room again and repeat. voice: ask for voice or membership, else speak through the bot. */
export type Remedy = 'rejoin' | 'voice' | null;

interface Row {
  readonly outcome: Outcome;
  readonly remedy: Remedy;
}
const row = (outcome: Outcome, remedy: Remedy = null): Row => ({ outcome, remedy });
const wait = (code: Code, afterMs: number): Row => row(later(code, { afterMs }));

/** What an error in answer to a message means. */
const SENDING: Readonly<Record<string, Row>> = {
  'not-acceptable': row(later('NOT_IN_CHANNEL', { afterMs: 5000 }), 'rejoin'),
  forbidden: row(refused('FORBIDDEN'), 'voice'),
  'registration-required': row(later('NOT_IN_CHANNEL', { afterMs: 60_000 }), 'voice'),
  'not-authorized': row(later('NOT_IN_CHANNEL', { afterMs: 60_000 })),
  // A locked or vanished room; joining makes it again, or says what is wrong.
  'item-not-found': row(later('NOT_IN_CHANNEL', { afterMs: 60_000 }), 'rejoin'),
  gone: row(refused('CHANNEL_GONE')),
  'jid-malformed': row(refused('NOT_ACCEPTABLE')),
  'bad-request': row(refused('NOT_ACCEPTABLE')),
  'not-allowed': row(refused('FORBIDDEN')),
  'feature-not-implemented': row(refused('FEATURE_REFUSED')),
  'service-unavailable': wait('NETWORK_ERROR', 60_000),
  'remote-server-not-found': wait('NETWORK_DOWN', 60_000),
  'remote-server-timeout': wait('NETWORK_DOWN', 15_000),
  'resource-constraint': wait('NETWORK_BUSY', 5000),
  'internal-server-error': wait('NETWORK_ERROR', 15_000),
  'recipient-unavailable': wait('NETWORK_ERROR', 60_000),
};

/** The outcome of a message that was answered with `error`, and what may be tried first. */
export function sendingError(error: StanzaError, now: number): Row {
  if (error.condition === 'policy-violation') {
    // `wait` says too fast (mod_muc_limits), `modify` says too large.
    return error.type === 'wait' ? wait('NETWORK_BUSY', 3000) : row(refused('TOO_LARGE'));
  }
  if (error.retryAt !== null) return wait('NETWORK_BUSY', Math.max(0, error.retryAt - now));
  const known = SENDING[error.condition];
  if (known !== undefined) return known;
  return error.type === 'wait' ? wait('NETWORK_ERROR', 15_000) : row(refused('NOT_ACCEPTABLE'));
}

/** Why somebody could not enter a room (XEP-0045 §7.2). */
const JOINING: Readonly<Record<string, Outcome>> = {
  forbidden: refused('PERSON_BANNED'),
  'registration-required': later('NOT_IN_CHANNEL', { afterMs: 60_000 }),
  'not-authorized': later('NOT_IN_CHANNEL', { afterMs: 60_000 }),
  gone: refused('CHANNEL_GONE'),
  'item-not-found': later('NOT_IN_CHANNEL', { afterMs: 60_000 }),
  'not-allowed': later('NOT_IN_CHANNEL', { afterMs: 60_000 }),
  'service-unavailable': later('NOT_IN_CHANNEL', { afterMs: 60_000 }),
  'remote-server-not-found': later('NETWORK_DOWN', { afterMs: 60_000 }),
  'remote-server-timeout': later('NETWORK_DOWN', { afterMs: 15_000 }),
};

/** The outcome of a delivery whose speaker could not enter. */
export const joiningError = (error: StanzaError): Outcome =>
  JOINING[error.condition] ?? later('NOT_IN_CHANNEL', { afterMs: 60_000 });

/** The connection ended while a delivery was under way. */
export const connectionLost = (): Outcome => unsure('CONNECTION_LOST');

/** Stream errors that say that something we wrote cannot be taken: not to be written again and again. */
const POISON: ReadonlySet<string> = new Set([
  'not-well-formed',
  'invalid-xml',
  'bad-format',
  'invalid-from',
  'improper-addressing',
  'policy-violation',
]);

/** Whether a stream ended because of something we wrote (RFC 6120 §4.9.3). */
export const isPoison = (condition: string): boolean => POISON.has(condition);

/** Stream errors and SASL failures that trying again soon does not mend. */
export const isRefusal = (condition: string): boolean =>
  ['not-authorized', 'host-unknown', 'account-disabled', 'credentials-expired'].includes(condition);
