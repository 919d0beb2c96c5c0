import { createHash } from 'node:crypto';
import { type NativeId, type NetworkId, nativeId, networkId, type PersonId, personId } from '@brygga/event';

/**
 * The only place where Matrix ids are built and cut
 * (https://spec.matrix.org/v1.19/appendices/#user-identifiers).
 */

/** Whole user id, in bytes. */
export const MXID_BYTES_MAX = 255;

/** What makes a localpart ours on which server. */
export interface GhostSpace {
  readonly ghostPrefix: string;
  readonly serverName: string;
}

/** A person of another network, as a ghost stands for them. */
export interface Remote {
  readonly network: NetworkId;
  readonly person: PersonId;
}

export const mxid = (localpart: string, serverName: string): string => `@${localpart}:${serverName}`;

/** Localpart of a user id; the id itself when it is none. */
export function localpartOf(userId: string): string {
  const colon = userId.indexOf(':');
  return userId.startsWith('@') && colon > 1 ? userId.slice(1, colon) : userId;
}

const KEPT = /[a-z0-9.-]/;
const HASHED = '=';

/** Reversible: lower-case letters, digits, `.` and `-` stay, every other byte becomes `=xx`. */
function encode(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const char = String.fromCharCode(byte);
    encoded += KEPT.test(char) ? char : `=${byte.toString(16).padStart(2, '0')}`;
  }
  return encoded;
}

/** Null for what `encode` did not make: each person has one ghost, and no other name stands for them. */
function decode(encoded: string): string | null {
  if (!/^(?:[a-z0-9.-]|=[0-9a-f]{2})+$/.test(encoded)) return null;
  const latin = encoded.replace(/=([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const text = Buffer.from(latin, 'latin1').toString('utf8');
  return encode(text) === encoded ? text : null;
}

/**
 * Localpart of a remote person's ghost: `<prefix><network>_<person>`, or `<prefix>=<hash>` when the whole id would
 * be too long; whom a hash stands for must be remembered by the caller.
 */
export function ghostLocalpart(space: GhostSpace, remote: Remote): string {
  const plain = `${space.ghostPrefix}${encode(remote.network)}_${encode(remote.person)}`;
  if (Buffer.byteLength(mxid(plain, space.serverName)) <= MXID_BYTES_MAX) return plain;
  const hash = createHash('sha256').update(`${remote.network}\0${remote.person}`).digest('hex').slice(0, 40);
  return `${space.ghostPrefix}${HASHED}${HASHED}${hash}`;
}

export const ghostId = (space: GhostSpace, remote: Remote): string =>
  mxid(ghostLocalpart(space, remote), space.serverName);

/**
 * What a user id is to us. The whole id counts, server name too: `@_brygga_x:elsewhere` is a stranger. `hashed`: a
 * ghost whose person only the store knows.
 */
export type GhostReading =
  | { readonly kind: 'stranger' }
  | { readonly kind: 'hashed'; readonly localpart: string }
  | { readonly kind: 'ghost'; readonly remote: Remote };

const STRANGER: GhostReading = { kind: 'stranger' };

export function readGhost(space: GhostSpace, userId: string): GhostReading {
  const localpart = localpartOf(userId);
  if (userId !== mxid(localpart, space.serverName) || !localpart.startsWith(space.ghostPrefix))
    return STRANGER;
  const rest = localpart.slice(space.ghostPrefix.length);
  if (rest.startsWith(HASHED + HASHED)) return { kind: 'hashed', localpart };
  const cut = rest.indexOf('_');
  if (cut < 1) return STRANGER;
  const network = decode(rest.slice(0, cut));
  const person = decode(rest.slice(cut + 1));
  if (network === null || person === null) return STRANGER;
  return { kind: 'ghost', remote: { network: networkId(network), person: personId(person) } };
}

/** True for every id of our namespace, the bot and the sender among them: what such a one does is ours. */
export function isOurs(space: GhostSpace, userId: string): boolean {
  return (
    userId.startsWith(`@${space.ghostPrefix}`) &&
    userId.endsWith(`:${space.serverName}`) &&
    localpartOf(userId).length + space.serverName.length + 2 === userId.length
  );
}

/**
 * Transaction id of one request. Synapse keeps them per application service and path, *not* per ghost
 * (https://github.com/matrix-org/synapse/issues/2937), so everything that tells requests apart goes in.
 */
export function transactionId(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('base64url').slice(0, 32);
}

/**
 * Under which the id map has a replacement that one of ours made. Not its bare event id: an answer to it means the
 * message, but its removal does not, for that gives the text before it again.
 */
export const versionId = (eventId: string): NativeId => nativeId(`version:${eventId}`);

/** A room id; since room version 12 without a server part. */
export const isRoomId = (text: string): boolean => /^![^\s/?#]{1,254}$/.test(text);

/** Server name and media id of `mxc://server/id`, or null: both go into URLs. */
export function mediaParts(uri: string): { readonly server: string; readonly media: string } | null {
  const match = /^mxc:\/\/([A-Za-z0-9.:[\]-]{1,255})\/([A-Za-z0-9_-]{1,255})$/.exec(uri);
  return match?.[1] === undefined || match[2] === undefined ? null : { server: match[1], media: match[2] };
}

/** The user a matrix.to or matrix: link points to, or null. */
export function linkedUser(href: string): string | null {
  const path = /^https:\/\/matrix\.to\/#\/(@?[^?/]+)/i.exec(href)?.[1] ?? matrixUri(href);
  if (path === null) return null;
  const user = unescapePath(path);
  return /^@[^\s:]*:\S+$/.test(user) && Buffer.byteLength(user) <= MXID_BYTES_MAX ? user : null;
}

function matrixUri(href: string): string | null {
  const user = /^matrix:u(?:ser)?\/([^?/]+)/i.exec(href)?.[1];
  return user === undefined ? null : `@${user}`;
}

function unescapePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

export const userLink = (userId: string): string => `https://matrix.to/#/${encodeURIComponent(userId)}`;
