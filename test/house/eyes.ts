import type { House, HouseRoom } from './house.ts';
import type { MatrixUser, SeenEvent } from './matrix-user.ts';
import type { SeenPost } from './mattermost-user.ts';
import { until } from './until.ts';
import { ownText } from './views.ts';
import { type Element, stanzaIdOf } from './xmpp-people.ts';

const bare = (jid: string): string => jid.split('/', 1)[0] ?? '';

/** The nick a room's message or presence comes from; empty when the room itself speaks. */
export const nickOf = (stanza: Element): string => {
  const from = String(stanza.attrs.from ?? '');
  return from.includes('/') ? from.slice(from.indexOf('/') + 1) : '';
};

export const bodyOf = (stanza: Element): string => stanza.getChildText('body') ?? '';

/** Carrying takes far less; what has not come by then does not. */
const WITHIN_MS = 10_000;

interface Content {
  readonly body?: string;
  readonly 'm.new_content'?: { readonly body?: string };
  readonly 'm.relates_to'?: { readonly rel_type?: string; readonly event_id?: string; readonly key?: string };
}

/** The relation of an event: what it edits, answers or is a reaction to. */
export const relationIn = (event: SeenEvent): NonNullable<Content['m.relates_to']> =>
  (event.content as Content)['m.relates_to'] ?? {};

/** What two people see of one room, each by their own server: the newest of it on Matrix, the live stream on XMPP. */
export class Eyes {
  readonly room: HouseRoom;
  readonly #house: House;
  readonly #matrix: MatrixUser;
  readonly #xmpp: string;
  readonly #patience: { readonly withinMs: number };
  #flushes = 0;

  /** `withinMs`: how long what they look for may take to come. */
  constructor(house: House, room: HouseRoom, xmpp = 'bosse', withinMs = WITHIN_MS) {
    this.#patience = { withinMs };
    this.room = room;
    this.#house = house;
    this.#matrix = house.anna;
    this.#xmpp = xmpp;
  }

  /** The newest hundred events, oldest first. */
  async matrixNow(): Promise<SeenEvent[]> {
    const path = `/v3/rooms/${encodeURIComponent(this.room.matrix)}/messages?dir=b&limit=100`;
    const page = await this.#matrix.call('GET', path);
    return (page.chunk as SeenEvent[]).toReversed();
  }

  /** Every groupchat message this person was sent, oldest first. */
  xmppNow(): Element[] {
    const jid = this.#house.xmpp.jid(this.#xmpp);
    return this.#house.xmpp.stanzas.filter(
      ({ name, attrs }) =>
        name === 'message' &&
        attrs.type === 'groupchat' &&
        attrs.to === jid &&
        bare(String(attrs.from)) === this.room.muc,
    );
  }

  async onMatrix(what: string, match: (event: SeenEvent) => boolean): Promise<SeenEvent> {
    let found: SeenEvent | undefined;
    await until(
      `on Matrix: ${what}`,
      async () => {
        found = (await this.matrixNow()).find(match);
        return found !== undefined;
      },
      this.#patience,
    );
    if (found === undefined) throw new Error(what);
    return found;
  }

  async onXmpp(what: string, match: (stanza: Element) => boolean): Promise<Element> {
    let found: Element | undefined;
    await until(
      `on XMPP: ${what}`,
      () => {
        found = this.xmppNow().find(match);
        return found !== undefined;
      },
      this.#patience,
    );
    if (found === undefined) throw new Error(what);
    return found;
  }

  /** The message with that `body` on Matrix. */
  readsMatrix(text: string): Promise<SeenEvent> {
    return this.onMatrix(
      text,
      ({ type, content }) => type === 'm.room.message' && (content as Content).body === text,
    );
  }

  /** The message with that text on XMPP; a quote for clients that do not know replies is left out. */
  readsXmpp(text: string): Promise<Element> {
    return this.onXmpp(text, (stanza) => ownText(stanza) === text);
  }

  /** The newest posts of the Mattermost channel, oldest first. */
  async mattermostNow(): Promise<SeenPost[]> {
    const { mattermost } = this.#house;
    if (mattermost === null || this.room.mattermost === null) throw new Error('the house has no Mattermost');
    return mattermost.maja.newest(this.room.mattermost);
  }

  async onMattermost(what: string, match: (post: SeenPost) => boolean): Promise<SeenPost> {
    let found: SeenPost | undefined;
    const look = async (): Promise<boolean> => {
      found = (await this.mattermostNow()).find(match);
      return found !== undefined;
    };
    await until(`on Mattermost: ${what}`, look, this.#patience);
    if (found === undefined) throw new Error(what);
    return found;
  }

  /** The post with that Markdown, whoever's name stands before it. */
  readsMattermost(markdown: string): Promise<SeenPost> {
    return this.onMattermost(markdown, ({ message }) => message.replace(/^\*\*.+?\*\*: /, '') === markdown);
  }

  /** The event an edit of that message ended in. */
  editOnMatrix(first: string, text: string): Promise<SeenEvent> {
    return this.onMatrix(`edited: ${text}`, (event) => {
      const { rel_type, event_id } = relationIn(event);
      const now = (event.content as Content)['m.new_content']?.body;
      return rel_type === 'm.replace' && event_id === first && now === text;
    });
  }

  /** That message taken away: a shell without content. */
  goneOnMatrix(id: string): Promise<SeenEvent> {
    return this.onMatrix(
      'removed',
      (event) => event.event_id === id && event.unsigned?.redacted_because !== undefined,
    );
  }

  /** Everything both sides said so far is through: a word of each comes behind it. */
  async flushed(): Promise<void> {
    this.#flushes += 1;
    const word = `flushed ${this.#flushes}`;
    await Promise.all([
      this.#matrix.say(this.room.matrix, `${word} m`),
      this.#house.xmpp.say(this.#xmpp, this.room.muc, `${word} x`),
    ]);
    await Promise.all([this.readsXmpp(`${word} m`), this.readsMatrix(`${word} x`)]);
  }

  /** Where the room's archive has that message now: its text, or null once it is removed. */
  async archivedText(stanzaId: string): Promise<string | null> {
    const items = await this.#house.xmpp.archive(this.#xmpp, this.room.muc);
    const result = items
      .map((item) => item.getChild('result', 'urn:xmpp:mam:2'))
      .find((one) => one?.attrs.id === stanzaId);
    const body = result?.getChild('forwarded', 'urn:xmpp:forward:0')?.getChild('message')?.getChild('body');
    return body === undefined || body === null ? null : body.text();
  }
}

/** What the room stamped a message with; fails when it did not. */
export function stampOf(stanza: Element): string {
  const id = stanzaIdOf(stanza);
  if (id === '') throw new Error('the room gave this message no id');
  return id;
}
