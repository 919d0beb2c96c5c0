import { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';

/** What both kinds of connection of the library have in common. */
export interface Entity {
  readonly socket: unknown;
  readonly parser: { write(text: string): void } | null;
  write(text: string): Promise<unknown>;
  _onData?(data: Uint8Array): void;
}

/** The socket below a TLS wrapper of the library, or the plain one. */
export function netSocket(held: unknown): Socket | null {
  if (held instanceof Socket) return held;
  if (typeof held !== 'object' || held === null || !('socket' in held)) return null;
  return held.socket instanceof Socket ? held.socket : null;
}

/** Something is written and has not come back yet. */
export type Busy = () => boolean;

/**
 * Mends how the library reads a socket: it turns every piece into text by itself, so that a letter cut in two by
 * a packet border arrives as two unknown ones; and a character reference XML does not allow throws out of the
 * socket's handler, which would end the process. To be called before the connection is started.
 */
export function careForInput(entity: Entity, busy: Busy): void {
  const decoder = new StringDecoder('utf8');
  entity._onData = (data) => {
    try {
      entity.parser?.write(decoder.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
    } catch {
      netSocket(entity.socket)?.destroy();
    }
    if (busy()) acknowledge(entity);
  };
}

/**
 * A space between stanzas (RFC 6120 §4.6.1) takes the acknowledgement of what came along at once. A server that
 * leaves Nagle's algorithm on, as Prosody does, holds the next reflection back until it has that, and the kernel
 * gives it by itself only after 40 ms.
 */
function acknowledge(entity: Entity): void {
  try {
    void entity.write(' ').catch(() => undefined);
  } catch {
    // The socket is gone: that is told elsewhere.
  }
}

/** Small stanzas must not wait for more (Nagle): 40 ms a message else. To be called on `connect`. */
export const careForDelay = (entity: Entity): void => {
  netSocket(entity.socket)?.setNoDelay(true);
};
