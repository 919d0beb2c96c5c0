import { createHash, createHmac } from 'node:crypto';
import { type NativeId, type NetworkId, nativeId, networkId, type PersonId, personId } from '@brygga/event';

/** `room@muc.example.org/nick` without its resource. */
export function bareJid(jid: string): string {
  const slash = jid.indexOf('/');
  return slash < 0 ? jid : jid.slice(0, slash);
}

/** What stands after the first slash: a nick, in a room. Empty when there is none. */
export function resourceOf(jid: string): string {
  const slash = jid.indexOf('/');
  return slash < 0 ? '' : jid.slice(slash + 1);
}

export function domainOf(jid: string): string {
  const bare = bareJid(jid);
  return bare.slice(bare.indexOf('@') + 1);
}

export function localOf(jid: string): string {
  const bare = bareJid(jid);
  const at = bare.indexOf('@');
  return at < 0 ? '' : bare.slice(0, at);
}

/** Ids longer than this are kept as a hash: senders choose them freely, the hub's are bounded. */
const ID_MAX = 256;
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const bounded = (text: string): string => (text.length <= ID_MAX ? text : `sha256-${sha(text)}`);

/** A stanza-id, or any id as its sender chose it. */
export const plainId = (id: string): NativeId => nativeId(bounded(id));

/** A sender's own `@id`, good only together with its author: anyone may use the same (XEP-0308 §4). */
export const authoredId = (author: string, id: string): NativeId =>
  nativeId(`${bounded(author)}#${bounded(id)}`);

const SAFE = /[a-z0-9._-]/;

/** Letters a localpart keeps as they are; all else as `=hh` of its UTF-8, since servers fold case and forbid signs. */
function escapeLocal(text: string): string {
  let out = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const char = String.fromCharCode(byte);
    out += byte < 128 && SAFE.test(char) ? char : `=${byte.toString(16).padStart(2, '0')}`;
  }
  return out;
}

function unescapeLocal(text: string): string {
  const bytes: number[] = [];
  for (const [piece] of text.matchAll(/=[0-9a-f]{2}|[^=]/g)) {
    bytes.push(piece.length === 3 ? Number.parseInt(piece.slice(1), 16) : piece.charCodeAt(0));
  }
  return Buffer.from(bytes).toString('utf8');
}

/** RFC 7622 §3.3: a localpart has at most 1023 octets. */
const LOCAL_MAX = 1023;

/** The localpart of a person's ghost: stable, and readable back unless the person's id is very long. */
export function ghostLocal(network: NetworkId, person: PersonId): string {
  const local = `${network}+${escapeLocal(person)}`;
  return local.length <= LOCAL_MAX ? local : `${network}+=${sha(person)}`;
}

/** Who a ghost stands for; null when the localpart is not a ghost's or holds a hash only. */
export function personOfGhost(local: string): { network: NetworkId; person: PersonId } | null {
  const match = /^([a-z0-9][a-z0-9._-]{0,63})\+((?:[a-z0-9._-]|=[0-9a-f]{2})+)$/.exec(local);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  if (/^=[0-9a-f]{64}$/.test(match[2])) return null;
  return { network: networkId(match[1]), person: personId(unescapeLocal(match[2])) };
}

/** What a sign is bound to: as stable as the room can tell people apart. */
export const signer = (author: { readonly nick: string; readonly occupantId: string | null }): string =>
  author.occupantId ?? `nick:${author.nick}`;

const mac = (secret: string, text: string, bytes: number): string =>
  createHmac('sha256', secret).update(text).digest('base64url').slice(0, bytes);

/**
 * The ids of what we write (`@id` and origin-id). Derived from the delivery key, so that every try of a delivery
 * has the same; unguessable without the secret, so that nobody can pass off a message as ours beforehand; and
 * checkable with the secret alone, so that our own messages are known in the archive after a restart.
 */
export class SentIds {
  readonly #secret: string;
  constructor(secret: string) {
    this.#secret = secret;
  }

  /** The id of part number `part` of the delivery. */
  of(key: string, part: number | string = 0): string {
    const head = mac(this.#secret, `sent:${key}:${part}`, 22);
    return `${head}.${mac(this.#secret, `ours:${head}`, 10)}`;
  }

  /** Whether this hub made the id. */
  isOurs(id: string): boolean {
    const match = /^([\w-]{22})\.([\w-]{10})$/.exec(id);
    return match?.[1] !== undefined && mac(this.#secret, `ours:${match[1]}`, 10) === match[2];
  }

  /** Goes along with an id of ours: shows that `author` (see `signer`) wrote it, no one else. */
  sign(id: string, author: string): string {
    return mac(this.#secret, `by:${id}:${author}`, 22);
  }
}
