import type { House, HouseRoom, MatrixUser, SeenEvent } from '../house/house.ts';
import { matrixWriter, xmppWriter } from '../house/traffic.ts';
import { until } from '../house/until.ts';
import { type Element, type Stamped, stanzaIdOf } from '../house/xmpp-people.ts';
import { type Act, labelOf, PEOPLE, type Side } from './script.ts';

/** Where one person saw something, and when. */
export interface Sight {
  /** The id of the message that came, or of that which was acted upon. */
  readonly id: string;
  readonly atMs: number;
}

/** One person with their hands and eyes on their own server. Ids are the native ones of that server. */
export interface Actor {
  /** Does it; resolves, when that server has taken it, with the id of the message. */
  act(act: Act, message: string, answers: string): Promise<string>;
  /** Resolves when this person sees the other's act. @throws when it has not come within the time */
  sees(act: Act, message: string, withinMs: number): Promise<Sight>;
}

const POLL_MS = 2;

async function sighted(act: Act, look: () => Sight | undefined, withinMs: number): Promise<Sight> {
  let sight: Sight | undefined;
  const seen = (): boolean => {
    sight = look();
    return sight !== undefined;
  };
  await until(`${act.does} "${act.message}" crosses`, seen, { withinMs, everyMs: POLL_MS });
  if (sight === undefined) throw new Error('looked away');
  return sight;
}

interface Content {
  readonly 'm.relates_to'?: { readonly rel_type?: string; readonly event_id?: string; readonly key?: string };
  readonly redacts?: string;
}

const isGhost = (sender: string): boolean =>
  sender.startsWith('@_brygga_') && !sender.startsWith('@_brygga_bot:');

/** Whether that event is the other person's act. */
function shownOnMatrix(act: Act, message: string, event: SeenEvent): boolean {
  if (!isGhost(event.sender)) return false;
  const content: Content = event.content;
  const relation = content['m.relates_to'];
  const redacts: unknown = content.redacts ?? Reflect.get(event, 'redacts');
  switch (act.does) {
    case 'say':
      return event.type === 'm.room.message' && relation?.rel_type !== 'm.replace';
    case 'edit':
      return relation?.rel_type === 'm.replace' && relation.event_id === message;
    case 'react':
      return event.type === 'm.reaction' && relation?.event_id === message && relation.key === act.emoji;
    case 'remove':
      return event.type === 'm.room.redaction' && redacts === message;
  }
}

const SYNC_MS = 2000;

/** Anna: her client's /sync tells when something comes. */
export class OnMatrix implements Actor {
  readonly #anna: MatrixUser;
  readonly #room: HouseRoom;
  readonly #seen: { readonly event: SeenEvent; readonly atMs: number }[] = [];
  #from = 0;
  #closing = false;
  #listening: Promise<void> = Promise.resolve();

  constructor(house: House, room: HouseRoom) {
    this.#anna = house.anna;
    this.#room = room;
  }

  async open(): Promise<void> {
    const since = await this.#sync('', 0);
    this.#listening = this.#listen(since);
  }

  async act(act: Act, message: string, answers: string): Promise<string> {
    const writer = matrixWriter(this.#anna, this.#room);
    this.#from = this.#seen.length;
    if (act.does === 'say') {
      const formatted =
        act.html === undefined ? {} : { format: 'org.matrix.custom.html', formatted_body: act.html };
      const relation = answers === '' ? {} : { 'm.relates_to': { 'm.in_reply_to': { event_id: answers } } };
      return this.#anna.say(this.#room.matrix, act.text, { ...formatted, ...relation });
    }
    if (act.does === 'edit') await writer.edit(message, act.text);
    else if (act.does === 'remove') await writer.remove(message);
    else await writer.react(message, act.emoji);
    return message;
  }

  sees(act: Act, message: string, withinMs: number): Promise<Sight> {
    const look = (): Sight | undefined => {
      const at = this.#seen.findIndex(
        ({ event }, index) => index >= this.#from && shownOnMatrix(act, message, event),
      );
      const found = this.#seen[at];
      if (found === undefined) return undefined;
      this.#from = at + 1;
      return { id: act.does === 'say' ? found.event.event_id : message, atMs: found.atMs };
    };
    return sighted(act, look, withinMs);
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#listening;
  }

  async #listen(from: string): Promise<void> {
    let since = from;
    while (!this.#closing) {
      try {
        since = await this.#sync(since, SYNC_MS);
      } catch {
        // The server may be on its way down; what does not come is told by who waits for it.
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  /** One look; returns from where on the next one is. */
  async #sync(since: string, timeout: number): Promise<string> {
    const filter = JSON.stringify({
      room: { rooms: [this.#room.matrix], timeline: { limit: 50 } },
      presence: { types: [] },
    });
    const place = `/v3/sync?timeout=${timeout}&filter=${encodeURIComponent(filter)}`;
    const answer = await this.#anna.call(
      'GET',
      since === '' ? place : `${place}&since=${encodeURIComponent(since)}`,
    );
    const atMs = performance.now();
    const rooms = answer.rooms as
      | { join?: Record<string, { timeline?: { events?: SeenEvent[] } }> }
      | undefined;
    const events = rooms?.join?.[this.#room.matrix]?.timeline?.events ?? [];
    if (since !== '') this.#seen.push(...events.map((event) => ({ event, atMs })));
    return String(answer.next_batch);
  }
}

const XMLNS = {
  correct: 'urn:xmpp:message-correct:0',
  reactions: 'urn:xmpp:reactions:0',
  retract: 'urn:xmpp:message-retract:1',
} as const;

function shownOnXmpp(act: Act, message: string, first: string, stanza: Element): boolean {
  const reactions = stanza.getChild('reactions', XMLNS.reactions);
  const retract = stanza.getChild('retract', XMLNS.retract);
  const replace = stanza.getChild('replace', XMLNS.correct);
  switch (act.does) {
    case 'say':
      return (
        stanza.getChild('body') !== undefined &&
        reactions === undefined &&
        retract === undefined &&
        replace === undefined
      );
    case 'edit':
      return replace?.attrs.id === first;
    case 'react':
      return (
        reactions?.attrs.id === message &&
        reactions.getChildren('reaction').some((one) => one.text() === act.emoji)
      );
    case 'remove':
      return retract?.attrs.id === message;
  }
}

/** Bosse: what his room sends him as it comes. Ids are the room's own (XEP-0359). */
export class OnXmpp implements Actor {
  readonly #house: House;
  readonly #room: HouseRoom;
  /** The room's id of a message to the id its sender gave it, which corrections name. */
  readonly #own = new Map<string, Stamped>();
  /** The room's id of a message to who said it. */
  readonly #senders = new Map<string, string>();
  #from = 0;

  constructor(house: House, room: HouseRoom) {
    this.#house = house;
    this.#room = room;
  }

  async act(act: Act, message: string, answers: string): Promise<string> {
    const { xmpp } = this.#house;
    const writer = xmppWriter(this.#house, 'bosse', PEOPLE.xmpp.name, this.#room);
    this.#from = xmpp.stanzas.length;
    if (act.does === 'say') {
      const from = this.#senders.get(answers) ?? '';
      const stamped =
        answers === ''
          ? await writer.say(act.text)
          : await xmpp.reply('bosse', this.#room.muc, { stanzaId: answers, from }, act.text);
      this.#own.set(stamped.stanzaId, stamped);
      this.#senders.set(stamped.stanzaId, `${this.#room.muc}/${PEOPLE.xmpp.name}`);
      return stamped.stanzaId;
    }
    const stamped = this.#own.get(message) ?? { id: '', stanzaId: message };
    if (act.does === 'edit') await writer.edit(stamped, act.text);
    else if (act.does === 'remove') await writer.remove(stamped);
    else await writer.react(stamped, act.emoji);
    return message;
  }

  sees(act: Act, message: string, withinMs: number): Promise<Sight> {
    const label = labelOf(PEOPLE.matrix);
    const ghost = `${this.#room.muc}/${label}`;
    const { xmpp } = this.#house;
    const first = this.#own.get(message)?.id ?? '';
    const look = (): Sight | undefined => {
      const at = xmpp.stanzas.findIndex(
        (stanza, index) =>
          index >= this.#from &&
          stanza.is('message') &&
          stanza.attrs.from === ghost &&
          shownOnXmpp(act, message, first, stanza),
      );
      const found = xmpp.stanzas[at];
      if (found === undefined) return undefined;
      const atMs = performance.now();
      this.#from = at + 1;
      if (act.does !== 'say') return { id: message, atMs };
      const id = stanzaIdOf(found);
      this.#own.set(id, { id: String(found.attrs.id), stanzaId: id });
      this.#senders.set(id, ghost);
      return { id, atMs };
    };
    return sighted(act, look, withinMs);
  }
}

export type Cast = Readonly<Record<Side, Actor>>;
