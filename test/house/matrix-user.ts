import { Said } from './said.ts';

/** A person with an ordinary account, and what they can see. */
export class MatrixUser {
  readonly id: string;
  readonly #url: () => string;
  readonly #token: string;
  readonly #said: Said;
  #txn = 0;

  constructor(
    url: () => string,
    account: { readonly userId: string; readonly accessToken: string },
    said = new Said(),
  ) {
    this.id = account.userId;
    this.#url = url;
    this.#token = account.accessToken;
    this.#said = said;
  }

  async call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    this.#said.addContent(body ?? {});
    const answer = await fetch(`${this.#url()}/_matrix/client${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, connection: 'close' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const value = (await answer.json()) as Record<string, unknown>;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(value)}`);
    return value;
  }

  async createRoom(options: object): Promise<string> {
    return String((await this.call('POST', '/v3/createRoom', options)).room_id);
  }

  async send(room: string, type: string, content: object): Promise<string> {
    this.#txn += 1;
    const path = `/v3/rooms/${encodeURIComponent(room)}/send/${type}/t${this.#txn}`;
    return String((await this.call('PUT', path, content)).event_id);
  }

  say(room: string, body: string, more: object = {}): Promise<string> {
    return this.send(room, 'm.room.message', { msgtype: 'm.text', body, ...more });
  }

  async redact(room: string, event: string): Promise<void> {
    this.#txn += 1;
    await this.call('PUT', `/v3/rooms/${encodeURIComponent(room)}/redact/${event}/t${this.#txn}`, {});
  }

  async upload(name: string, text: string): Promise<string> {
    const answer = await fetch(
      `${this.#url()}/_matrix/media/v3/upload?filename=${encodeURIComponent(name)}`,
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#token}`,
          'content-type': 'text/plain',
          connection: 'close',
        },
        body: text,
      },
    );
    return String(((await answer.json()) as Record<string, unknown>).content_uri);
  }

  /** Everything in the room this user can see, oldest first. */
  async timeline(room: string): Promise<SeenEvent[]> {
    const page = await this.call('GET', `/v3/rooms/${encodeURIComponent(room)}/messages?dir=b&limit=500`);
    return (page.chunk as SeenEvent[]).toReversed();
  }

  /** Messages as people see them: newest text, removed ones gone. */
  async messages(room: string): Promise<SeenEvent[]> {
    const all = await this.timeline(room);
    return all.filter(({ type, content }) => type === 'm.room.message' && content.body !== undefined);
  }
}

export interface SeenEvent {
  readonly type: string;
  readonly event_id: string;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly state_key?: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly unsigned?: Readonly<Record<string, unknown>>;
}
