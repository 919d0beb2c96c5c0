import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { ProsodyServer } from '../../servers/index.ts';

const STREAMS = 'http://etherx.jabber.org/streams';
const MUC = 'http://jabber.org/protocol/muc';
const MESSAGE = /<message\b[^>]*?(?:\/>|>[\s\S]*?<\/message>)/g;
const TO_PERSON = /^<message\b[^>]*?\bto=['"]([^@'"]+)@/;
const BODY = /<body>([^<]*)<\/body>/;

/**
 * Native users of one server, all on one stream of the external component `users.<domain>`: no more than it
 * takes to write in rooms and to hear what is said there, so that little of what is measured is ours.
 */
export class NativeXmpp {
  /** Told of every message a person hears. */
  heard: (person: string, text: string) => void = () => undefined;
  readonly #socket: Socket;
  readonly #domain: string;
  #text = '';
  #waiting: { readonly pattern: RegExp; resolve(match: RegExpExecArray): void } | null = null;
  #ids = 0;

  private constructor(socket: Socket, domain: string) {
    this.#socket = socket;
    this.#domain = domain;
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#received(text));
    socket.on('error', () => undefined);
  }

  static async open(server: ProsodyServer): Promise<NativeXmpp> {
    const account = server.components.find(({ domain }) => domain.startsWith('users.'));
    if (account === undefined) throw new Error('the server has no component to play users with');
    const native = new NativeXmpp(connect(server.componentPort, '127.0.0.1'), account.domain);
    const [, id = ''] = await native.#ask(
      `<stream:stream xmlns='jabber:component:accept' xmlns:stream='${STREAMS}' to='${account.domain}'>`,
      /<stream:stream[^>]* id=['"]([^'"]+)['"]/,
    );
    const digest = createHash('sha1')
      .update(id + account.secret)
      .digest('hex');
    await native.#ask(`<handshake>${digest}</handshake>`, /<handshake\s*\/>/);
    return native;
  }

  /** Enters a room and waits until it says so. */
  async join(person: string, room: string): Promise<void> {
    const own = new RegExp(
      `<presence[^>]*${person}@${this.#domain}[^>]*>(?:(?!</presence>)[\\s\\S])*code=['"]110`,
    );
    const history = "<history maxstanzas='0'/>";
    await this.#ask(
      `<presence from='${this.#jid(person)}' to='${room}/${person}'><x xmlns='${MUC}'>${history}</x></presence>`,
      own,
    );
  }

  say(person: string, room: string, text: string): void {
    this.#ids += 1;
    const attributes = `from='${this.#jid(person)}' to='${room}' type='groupchat' id='n${this.#ids}'`;
    this.#socket.write(`<message ${attributes}><body>${text}</body></message>`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #jid(person: string): string {
    return `${person}@${this.#domain}/client`;
  }

  #ask(xml: string, pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no answer to ${xml}`)), 10_000);
      this.#waiting = {
        pattern,
        resolve: (match) => {
          clearTimeout(late);
          resolve(match);
        },
      };
      this.#socket.write(xml);
    });
  }

  #received(text: string): void {
    this.#text += text;
    const match = this.#waiting?.pattern.exec(this.#text) ?? null;
    if (match !== null) {
      this.#waiting?.resolve(match);
      this.#waiting = null;
    }
    let end = 0;
    for (const stanza of this.#text.matchAll(MESSAGE)) {
      end = stanza.index + stanza[0].length;
      const person = TO_PERSON.exec(stanza[0])?.[1];
      const body = BODY.exec(stanza[0])?.[1];
      if (person !== undefined && body !== undefined) this.heard(person, body);
    }
    // What is awaited may still be coming; else only an unfinished stanza is of interest.
    if (this.#waiting === null)
      this.#text = this.#text.slice(end === 0 ? this.#text.lastIndexOf('<message') : end);
    else if (end > 0) this.#text = this.#text.slice(end);
  }
}
