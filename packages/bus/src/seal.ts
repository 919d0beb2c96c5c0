import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';

/** `id` is written beside what the key sealed, to find it again. `key`: 32 bytes in base64. */
export interface SealKey {
  readonly id: string;
  readonly key: string;
}

export interface SealOptions {
  /** The first one seals, every one opens. */
  readonly keys: readonly SealKey[];
  /** False: nothing more is sealed; what is sealed is still opened. */
  readonly seals: boolean;
  /** So many unguessable bytes. */
  readonly random: (bytes: number) => Buffer;
}

/**
 * `KEY_UNKNOWN`: sealed with a key that is not at hand. `SEAL_BROKEN`: changed since it was sealed, or put in
 * another place. `NOT_READABLE`: not written by a hub of this version or an older one.
 */
export type UnreadableCode = 'KEY_UNKNOWN' | 'SEAL_BROKEN' | 'NOT_READABLE';

/** Something in Redis cannot be read. It is left as it stands. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly code: UnreadableCode;
  /** Id of the key it was sealed with; empty when it is not sealed. */
  readonly key: string;
  constructor(code: UnreadableCode, key = '') {
    super(`${code} ${key}`);
    this.code = code;
    this.key = key;
  }
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Nonces asked for at once. */
const NONCES = 256;
/** Written into log and metrics: whoever writes to Redis must not choose what stands there. */
const KEY_ID = /^[a-z0-9-]{1,32}$/;

const bytesOf = (place: string, name: string): Buffer => Buffer.from(`${place}\n${name}`);

/**
 * Seals texts with AES-256-GCM as `<key id>.<base64url of nonce, cipher text and tag>`. What is sealed under a place
 * (a room, a network; without line breaks) and a name in it opens nowhere else.
 */
export class Seal {
  readonly seals: boolean;
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #first: { readonly id: string; readonly key: KeyObject } | null;
  readonly #random: SealOptions['random'];
  #nonces: Buffer = Buffer.alloc(0);
  #used = 0;

  constructor({ keys, seals, random }: SealOptions) {
    const all = keys.map(({ id, key }) => ({ id, key: createSecretKey(key, 'base64') }));
    this.#keys = new Map(all.map(({ id, key }) => [id, key]));
    this.#first = all[0] ?? null;
    this.seals = seals && this.#first !== null;
    this.#random = random;
  }

  /** The text as it is to be written: sealed, or as it is when nothing is sealed. */
  seal(text: string, place: string, name: string): string {
    if (this.#first === null || !this.seals) return text;
    const { id, key } = this.#first;
    const nonce = this.#nonce();
    const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(bytesOf(place, name));
    const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return `${id}.${Buffer.concat(parts).toString('base64url')}`;
  }

  /** What `seal` sealed. @throws Unreadable */
  open(sealed: string, place: string, name: string): string {
    const id = keyIdOf(sealed);
    const key = this.#keys.get(id);
    if (key === undefined) throw new Unreadable('KEY_UNKNOWN', id);
    const bytes = Buffer.from(sealed.slice(id.length + 1), 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new Unreadable('SEAL_BROKEN', id);
    try {
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const cipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(bytesOf(place, name));
      cipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = cipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, cipher.final()]).toString('utf8');
    } catch {
      throw new Unreadable('SEAL_BROKEN', id);
    }
  }

  /** Whether it was sealed with the key that seals now. */
  isNew(sealed: string): boolean {
    return keyIdOf(sealed) === this.#first?.id;
  }

  #nonce(): Buffer {
    if (this.#used + NONCE_BYTES > this.#nonces.length) {
      this.#nonces = this.#random(NONCE_BYTES * NONCES);
      this.#used = 0;
    }
    this.#used += NONCE_BYTES;
    return this.#nonces.subarray(this.#used - NONCE_BYTES, this.#used);
  }
}

/** @throws Unreadable when it does not begin with the id of a key. */
function keyIdOf(sealed: string): string {
  const id = sealed.slice(0, Math.max(0, sealed.indexOf('.')));
  if (!KEY_ID.test(id)) throw new Unreadable('NOT_READABLE');
  return id;
}
