/** What this bridge uses of `@xmpp/component` 0.13, which brings no types of its own. */
declare module '@xmpp/component' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';
  import type { xml } from '@xmpp/client';

  type Element = ReturnType<typeof xml>;

  export interface Component extends EventEmitter {
    readonly socket: Socket | null;
    readonly Parser: new () => EventEmitter & { write(text: string): void };
    readonly parser: { write(text: string): void } | null;
    readonly reconnect: { stop(): void };
    readonly iqCallee: {
      get(ns: string, name: string, answer: (context: { stanza: Element }) => Element | object): void;
    };
    /** Called with every piece that comes in; replaced by this bridge (see `socket-care.ts`). */
    _onData?(data: Uint8Array): void;
    write(text: string): Promise<unknown>;
    start(): Promise<unknown>;
    stop(): Promise<unknown>;
    send(element: Element): Promise<unknown>;
  }
  export function component(options: { service: string; domain: string; password: string }): Component;
}
