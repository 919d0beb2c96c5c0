import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { until } from './observe.ts';
import type { ComponentAccount } from './types.ts';

const STREAMS = 'http://etherx.jabber.org/streams';

/**
 * An external component (XEP-0114) or a client that sends text and looks for patterns in what came back:
 * enough to try out a server, with no XMPP library that might hide what the server really says.
 */
export class XmppProbe {
  readonly #socket: Socket;
  #received = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.#received += text;
    });
    socket.on('error', () => {});
  }

  /** Connects to 127.0.0.1 and completes the handshake. */
  static async open(port: number, account: ComponentAccount): Promise<XmppProbe> {
    const probe = new XmppProbe(connect(port, '127.0.0.1'));
    const [, id = ''] = await probe.ask(
      `<stream:stream xmlns='jabber:component:accept' xmlns:stream='${STREAMS}' to='${account.domain}'>`,
      /<stream:stream[^>]* id='([^']+)'/,
    );
    const digest = createHash('sha1')
      .update(id + account.secret)
      .digest('hex');
    await probe.ask(`<handshake>${digest}</handshake>`, /<handshake\/>/);
    return probe;
  }

  /** Opens a client stream and waits for what the server offers on it; see `received`. */
  static async client(port: number, domain: string): Promise<XmppProbe> {
    const probe = new XmppProbe(connect(port, '127.0.0.1'));
    await probe.ask(
      `<stream:stream xmlns='jabber:client' xmlns:stream='${STREAMS}' to='${domain}' version='1.0'>`,
      /<\/stream:features>/,
    );
    return probe;
  }

  /** Sends and waits for an answer that matches; what came before the call is not looked at. */
  ask(xml: string, answer: RegExp): Promise<RegExpExecArray> {
    this.forget();
    this.send(xml);
    return this.hear(answer);
  }

  /** Waits until the text received since the last `ask` or `forget` matches. */
  async hear(pattern: RegExp): Promise<RegExpExecArray> {
    let match: RegExpExecArray | null = null;
    const found = (): boolean => {
      match = pattern.exec(this.#received);
      return match !== null;
    };
    await until(`${pattern.source} in ${JSON.stringify(this.#received)}`, found, 5_000).catch(() => {
      throw new Error(`waited 5 s for ${pattern.source}, got:\n${this.#received}`);
    });
    if (match === null) throw new Error('unreachable');
    return match;
  }

  send(xml: string): void {
    this.#socket.write(xml);
  }

  forget(): void {
    this.#received = '';
  }

  /** The text received since the last `ask` or `forget`. */
  get received(): string {
    return this.#received;
  }

  close(): void {
    this.#socket.destroy();
  }
}
