import { randomUUID } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import { xml } from '@xmpp/client';
import { type Component, component } from '@xmpp/component';
import type { ProsodyServer } from '../servers/index.ts';
import { Said } from './said.ts';
import { until } from './until.ts';

export type Element = ReturnType<typeof xml>;

const SID = 'urn:xmpp:sid:0';
const MUC = 'http://jabber.org/protocol/muc';
const HINTS = 'urn:xmpp:hints';
const MAM = 'urn:xmpp:mam:2';
const RSM = 'http://jabber.org/protocol/rsm';

/** A message as its room stamped it. */
export interface Stamped {
  /** `@id` and origin-id, the sender's. */
  readonly id: string;
  /** The room's. */
  readonly stanzaId: string;
}

/**
 * Native XMPP users, played through an external component (`users.<domain>`): each can do what a client can.
 * One stream for all of them, so that what they send keeps its order.
 */
export class XmppPeople {
  readonly #server: ProsodyServer;
  readonly #domain: string;
  readonly #secret: string;
  readonly #said: Said;
  #component: Component | null = null;
  /** Every stanza that came, oldest first. */
  readonly stanzas: Element[] = [];
  readonly #waiting = new Map<string, (stanza: Element) => void>();
  /** Native person -> room -> nick, to join again after an outage. */
  readonly #seats = new Map<string, Map<string, string>>();

  constructor(server: ProsodyServer, said = new Said()) {
    this.#said = said;
    const account = server.components.find(({ domain }) => domain.startsWith('users.'));
    if (account === undefined) throw new Error('the server has no component to play users with');
    this.#server = server;
    this.#domain = account.domain;
    this.#secret = account.secret;
  }

  jid(person: string): string {
    return `${person}@${this.#domain}/client`;
  }

  async connect(): Promise<void> {
    await until('the component to play users with is connected', async () => {
      const made = component({
        service: `xmpp://127.0.0.1:${this.#server.componentPort}`,
        domain: this.#domain,
        password: this.#secret,
      });
      made.on('error', () => undefined);
      made.on('connect', () => made.socket?.setNoDelay(true));
      made.reconnect.stop();
      keepLettersWhole(made);
      try {
        await made.start();
      } catch {
        await made.stop().catch(() => undefined);
        return false;
      }
      made.on('stanza', (stanza: Element) => this.#heard(stanza));
      this.#component = made;
      return true;
    });
    for (const [person, rooms] of this.#seats) {
      for (const [room, nick] of rooms) await this.join(person, room, nick);
    }
  }

  async close(): Promise<void> {
    await this.#component?.stop().catch(() => undefined);
    this.#component = null;
  }

  async join(person: string, room: string, nick: string): Promise<void> {
    const rooms = this.#seats.get(person) ?? new Map<string, string>();
    rooms.set(room, nick);
    this.#seats.set(person, rooms);
    const seen = this.stanzas.length;
    await this.send(
      xml(
        'presence',
        { from: this.jid(person), to: `${room}/${nick}` },
        xml('x', { xmlns: MUC }, xml('history', { maxstanzas: '0' })),
      ),
    );
    await until(`${person} is in ${room}`, () =>
      this.stanzas.slice(seen).some((stanza) => isOwnPresence(stanza, `${room}/${nick}`)),
    );
  }

  async leave(person: string, room: string): Promise<void> {
    const nick = this.#seats.get(person)?.get(room) ?? '';
    this.#seats.get(person)?.delete(room);
    await this.send(xml('presence', { from: this.jid(person), to: `${room}/${nick}`, type: 'unavailable' }));
  }

  /** Sends a message and waits until the room has stamped it. */
  async message(person: string, room: string, ...children: readonly (Element | string)[]): Promise<Stamped> {
    const id = randomUUID();
    const stamped = new Promise<Element>((resolve) => this.#waiting.set(id, resolve));
    await this.raw(person, room, id, ...children);
    const stanza = await stamped;
    return { id, stanzaId: stanzaIdOf(stanza) };
  }

  /** The same without waiting, under an id of the caller's. */
  raw(person: string, room: string, id: string, ...children: readonly (Element | string)[]): Promise<void> {
    const origin = xml('origin-id', { xmlns: SID, id });
    return this.send(
      xml('message', { type: 'groupchat', from: this.jid(person), to: room, id }, ...children, origin),
    );
  }

  say(person: string, room: string, text: string, ...more: readonly Element[]): Promise<Stamped> {
    return this.message(person, room, xml('body', {}, text), ...more);
  }

  edit(person: string, room: string, first: Stamped, text: string): Promise<Stamped> {
    return this.say(
      person,
      room,
      text,
      xml('replace', { xmlns: 'urn:xmpp:message-correct:0', id: first.id }),
    );
  }

  reply(
    person: string,
    room: string,
    to: { readonly stanzaId: string; readonly from: string },
    text: string,
  ): Promise<Stamped> {
    return this.say(
      person,
      room,
      text,
      xml('reply', { xmlns: 'urn:xmpp:reply:0', to: to.from, id: to.stanzaId }),
    );
  }

  react(person: string, room: string, stanzaId: string, emoji: readonly string[]): Promise<Stamped> {
    const set = emoji.map((one) => xml('reaction', {}, one));
    const reactions = xml('reactions', { xmlns: 'urn:xmpp:reactions:0', id: stanzaId }, ...set);
    return this.message(person, room, reactions, xml('store', { xmlns: HINTS }));
  }

  retract(person: string, room: string, stanzaId: string): Promise<Stamped> {
    const retract = xml('retract', { xmlns: 'urn:xmpp:message-retract:1', id: stanzaId });
    const fallback = xml('fallback', { xmlns: 'urn:xmpp:fallback:0', for: 'urn:xmpp:message-retract:1' });
    const body = xml('body', {}, 'This person retracted a message');
    return this.message(person, room, body, retract, fallback, xml('store', { xmlns: HINTS }));
  }

  /** As its owner: submits the room's form (a room is kept from then on) and makes `admin` one of its admins. */
  async ownRoom(person: string, room: string, admin: string): Promise<void> {
    const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' });
    await this.ask(
      person,
      room,
      'set',
      xml('query', { xmlns: 'http://jabber.org/protocol/muc#owner' }, form),
    );
    const item = xml('item', { affiliation: 'admin', jid: admin });
    await this.ask(
      person,
      room,
      'set',
      xml('query', { xmlns: 'http://jabber.org/protocol/muc#admin' }, item),
    );
  }

  /** A request and its answer. @throws when the answer is an error */
  async ask(person: string, to: string, type: 'get' | 'set', payload: Element): Promise<Element> {
    const id = randomUUID();
    const answered = new Promise<Element>((resolve) => this.#waiting.set(id, resolve));
    await this.send(xml('iq', { type, id, from: this.jid(person), to }, payload));
    const answer = await answered;
    if (answer.attrs.type === 'error') throw new Error(`${to}: ${answer.toString()}`);
    return answer;
  }

  async send(stanza: Element): Promise<void> {
    if (this.#component === null) throw new Error('not connected');
    for (const name of ['body', 'subject']) this.#said.add(stanza.getChildText(name) ?? '');
    await this.#component.send(stanza);
  }

  /** The room's own archive (XEP-0313), whole, oldest first. */
  async archive(person: string, room: string): Promise<Element[]> {
    const found: Element[] = [];
    let after = '';
    for (;;) {
      const query = randomUUID();
      const page = xml(
        'set',
        { xmlns: RSM },
        xml('max', {}, '50'),
        ...(after === '' ? [] : [xml('after', {}, after)]),
      );
      const answer = await this.ask(person, room, 'set', xml('query', { xmlns: MAM, queryid: query }, page));
      found.push(...this.stanzas.filter((stanza) => stanza.getChild('result', MAM)?.attrs.queryid === query));
      const fin = answer.getChild('fin', MAM);
      after = fin?.getChild('set', RSM)?.getChildText('last') ?? '';
      if (fin?.attrs.complete === 'true' || after === '') return found;
    }
  }

  #heard(stanza: Element): void {
    this.stanzas.push(stanza);
    const { id, type, to } = stanza.attrs as { id?: string; type?: string; to?: string };
    if (id === undefined) return;
    const settle = this.#waiting.get(id);
    const own = stanza.is('iq') || (type === 'groupchat' && stanzaIdOf(stanza) !== '' && to !== undefined);
    if (settle === undefined || !own) return;
    this.#waiting.delete(id);
    settle(stanza);
  }
}

/** The library makes text of every piece of the stream by itself: a letter cut in two at a border would be lost. */
function keepLettersWhole(made: Component): void {
  const decoder = new StringDecoder('utf8');
  Object.assign(made, { _onData: (data: Buffer) => made.parser?.write(decoder.write(data)) });
}

function isOwnPresence(stanza: Element, occupant: string): boolean {
  if (!stanza.is('presence') || stanza.attrs.from !== occupant) return false;
  const x = stanza.getChild('x', 'http://jabber.org/protocol/muc#user');
  return x?.getChildren('status').some((status) => status.attrs.code === '110') ?? false;
}

/** What the room stamped the message with; empty when it did not. */
export const stanzaIdOf = (stanza: Element): string =>
  (stanza.getChild('stanza-id', SID)?.attrs.id as string | undefined) ?? '';
