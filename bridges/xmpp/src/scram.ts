import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}
/** What the library wants of a SASL mechanism. Texts hold one byte per letter: it turns them into base64. */
export interface Mechanism {
  readonly name: string;
  readonly clientFirst: boolean;
  response(credentials: Credentials): string | Promise<string>;
  challenge(text: string): void;
}

const derive = promisify(pbkdf2);
const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
/** Servers use 4096 to 100,000; more would only keep us busy. */
const ROUNDS_MAX = 1_000_000;

/**
 * SCRAM (RFC 5802, RFC 7677) with Node's own key derivation: the library's, in JavaScript, takes seconds of CPU
 * for each login, and it has SHA-1 only.
 */
export class Scram implements Mechanism {
  readonly name: string;
  readonly clientFirst = true;
  readonly #hash: 'sha1' | 'sha256';
  readonly #nonce: string;
  #first = '';
  #challenge: string | null = null;

  constructor(hash: 'sha1' | 'sha256', nonce: string) {
    this.name = hash === 'sha1' ? 'SCRAM-SHA-1' : 'SCRAM-SHA-256';
    this.#hash = hash;
    this.#nonce = nonce;
  }

  challenge(text: string): void {
    this.#challenge = text;
  }

  async response({ username, password }: Credentials): Promise<string> {
    if (this.#challenge !== null) return this.#final(password, this.#challenge);
    const name = username.normalize('NFKC').replaceAll('=', '=3D').replaceAll(',', '=2C');
    this.#first = bytes(`n=${name},r=${this.#nonce}`);
    return `n,,${this.#first}`;
  }

  async #final(password: string, challenge: string): Promise<string> {
    const part = (sign: string): string => new RegExp(`(?:^|,)${sign}=([^,]*)`).exec(challenge)?.[1] ?? '';
    const rounds = Number(part('i'));
    const nonce = part('r');
    if (!nonce.startsWith(this.#nonce) || !(rounds > 0 && rounds <= ROUNDS_MAX)) throw new BadChallenge();
    const length = this.#hash === 'sha1' ? 20 : 32;
    const salt = Buffer.from(part('s'), 'base64');
    const salted = await derive(password.normalize('NFKC'), salt, rounds, length, this.#hash);
    const mac = (key: Buffer, text: string): Buffer =>
      createHmac(this.#hash, key).update(text, 'latin1').digest();
    const clientKey = mac(salted, 'Client Key');
    const stored = createHash(this.#hash).update(clientKey).digest();
    const bare = `c=biws,r=${nonce}`;
    const signature = mac(stored, `${this.#first},${challenge},${bare}`);
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
    return `${bare},p=${Buffer.from(proof).toString('base64')}`;
  }
}

/** The server's part does not belong to ours. */
class BadChallenge extends Error {
  override readonly name = 'BadChallenge';
  readonly condition = 'malformed-request';
}

/** PLAIN (RFC 4616); the library takes it on encrypted streams only. Its own cannot write letters beyond ASCII. */
export class Plain implements Mechanism {
  readonly name = 'PLAIN';
  readonly clientFirst = true;
  response({ username, password }: Credentials): string {
    return bytes(`\0${username}\0${password}`);
  }
  challenge(): void {
    // There is none.
  }
}
