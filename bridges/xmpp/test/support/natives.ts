import { component } from '@xmpp/component';
import { el } from '../../src/element.ts';
import { attribute, type Element, NS } from '../../src/stanza.ts';
import { until } from './context.ts';

/** Scripted people of the XMPP side, played by a second component. */
export class Natives {
  readonly domain: string;
  readonly #entity: ReturnType<typeof component>;
  readonly people: Native[] = [];

  constructor(port: number, domain: string, secret: string) {
    this.domain = domain;
    this.#entity = component({ service: `xmpp://127.0.0.1:${port}`, domain, password: secret });
    this.#entity.on('error', () => undefined);
    this.#entity.on('connect', () => this.#entity.socket?.setNoDelay(true));
    this.#entity.on('stanza', (stanza: Element) => {
      const to = attribute(stanza, 'to');
      for (const person of this.people) if (person.jid === to) person.heard.push(stanza);
    });
  }

  async start(): Promise<void> {
    await this.#entity.start();
  }
  async stop(): Promise<void> {
    this.#entity.reconnect.stop();
    await this.#entity.stop();
  }
  write(stanza: Element): void {
    void this.#entity.send(stanza);
  }

  async join(name: string, room: string, nick: string): Promise<Native> {
    const person = new Native(this, `${name}@${this.domain}/test`, room, nick);
    this.people.push(person);
    await person.enter();
    return person;
  }
}

let count = 0;

export class Native {
  readonly heard: Element[] = [];
  readonly #natives: Natives;
  readonly jid: string;
  readonly room: string;
  nick: string;

  constructor(natives: Natives, jid: string, room: string, nick: string) {
    this.#natives = natives;
    this.jid = jid;
    this.room = room;
    this.nick = nick;
  }

  async enter(): Promise<void> {
    // Servers give a nick in its normal form.
    const from = `${this.room}/${this.nick.normalize('NFKC')}`;
    const seen = this.heard.length;
    this.presence(this.nick);
    const presence = await until(`join of ${this.nick}`, () =>
      this.heard.slice(seen).find((s) => s.name === 'presence' && attribute(s, 'from') === from),
    );
    if (attribute(presence, 'type') === 'error') throw new Error(`join refused: ${presence.toString()}`);
  }

  presence(nick: string, type?: string): void {
    const join = type === undefined ? el('x', { xmlns: NS.muc }, el('history', { maxstanzas: 0 })) : null;
    this.#natives.write(el('presence', { from: this.jid, to: `${this.room}/${nick}`, type }, join));
  }

  /** Sends a groupchat message with these children; returns its `@id`. */
  send(...children: readonly Element[]): string {
    const id = `n${++count}`;
    this.#natives.write(el('message', { type: 'groupchat', from: this.jid, to: this.room, id }, ...children));
    return id;
  }
  say(text: string, ...children: readonly Element[]): string {
    return this.send(el('body', {}, text), ...children);
  }

  async iq(type: 'get' | 'set', to: string, child: Element): Promise<Element> {
    const id = `iq${++count}`;
    this.#natives.write(el('iq', { type, from: this.jid, to, id }, child));
    return until(`answer to ${id}`, () =>
      this.heard.find((s) => s.name === 'iq' && attribute(s, 'id') === id),
    );
  }
  admin(item: Element): Promise<Element> {
    return this.iq('set', this.room, el('query', { xmlns: NS.mucAdmin }, item));
  }

  messages(): Element[] {
    return this.heard.filter((s) => s.name === 'message' && attribute(s, 'type') === 'groupchat');
  }
  bodies(): string[] {
    return this.messages().flatMap((s) => s.getChildText('body') ?? []);
  }
  /** The message with that text, once it has come. */
  hears(text: string): Promise<Element> {
    return until(`${this.nick} hears ${text.slice(0, 60)}`, () =>
      this.messages().find((s) => s.getChildText('body') === text),
    );
  }
  hearsThat(what: string, test: (message: Element) => boolean): Promise<Element> {
    return until(`${this.nick} hears ${what}`, () => this.messages().find(test));
  }
}

/** The id the room gave a message. */
export const stanzaIdOf = (message: Element): string =>
  attribute(message.getChild('stanza-id', NS.stanzaId), 'id');
/** The nick that said it. */
export const nickOf = (message: Element): string => attribute(message, 'from').split('/').slice(1).join('/');
