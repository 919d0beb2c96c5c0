import { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';

/** What both kinds of connection of the library have in common. */
export interface Entity {
  readonly socket: unknown;
  readonly parser: { write(text: string): void } | null;
  _onData?(data: Uint8Array): void;
}

/** The socket below a TLS wrapper of the library, or the plain one. */
export function netSocket(held: unknown): Socket | null {
  if (held instanceof Socket) return held;
  if (typeof held !== 'object' || held === null || !('socket' in held)) return null;
  return held.socket instanceof Socket ? held.socket : null;
}

/**
 * Mends how the library reads a socket: it turns every piece into text by itself, so that a letter cut in two by
 * a packet border arrives as two unknown ones; and a character reference XML does not allow throws out of the
 * socket's handler, which would end the process. To be called before the connection is started.
 */
export function careForInput(entity: Entity): void {
  const decoder = new StringDecoder('utf8');
  entity._onData = (data) => {
    try {
      entity.parser?.write(decoder.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
    } catch {
      netSocket(entity.socket)?.destroy();
    }
  };
}

/** Small stanzas must not wait for more (Nagle): 40 ms a message else. To be called on `connect`. */
export const careForDelay = (entity: Entity): void => {
  netSocket(entity.socket)?.setNoDelay(true);
};
