import { waitFor } from '@brygga/testkit';
import { WebSocket } from 'ws';

export interface Said {
  readonly status: number;
  readonly headers: Headers;
  /** The body, parsed if it is JSON. */
  readonly body: unknown;
}

/** A body that is not JSON, with its own type. */
export interface Raw {
  readonly raw: FormData | Uint8Array<ArrayBuffer> | string;
  readonly type?: string;
}

const isRaw = (body: unknown): body is Raw => typeof body === 'object' && body !== null && 'raw' in body;

/** One account speaking REST; it can set up a simulator and a real server alike. */
export class RestClient {
  readonly url: string;
  readonly token: string;

  constructor(url: string, token = '') {
    this.url = url;
    this.token = token;
  }

  as(token: string): RestClient {
    return new RestClient(this.url, token);
  }

  async say(method: string, path: string, body?: unknown): Promise<Said> {
    const headers: Record<string, string> =
      this.token === '' ? {} : { authorization: `Bearer ${this.token}` };
    // A hook is called beside the API; `/hooks/incoming` is the place to make one.
    const from = /^\/hooks\/[a-z0-9]{26}$/.test(path) ? this.url : `${this.url}/api/v4`;
    const sent = isRaw(body) ? body.raw : body === undefined ? undefined : JSON.stringify(body);
    if (isRaw(body) && body.type !== undefined) headers['content-type'] = body.type;
    const response = await fetch(`${from}${path}`, {
      method,
      headers,
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text) };
  }

  /** For set-up and plain steps: what is no success throws. */
  async must<T = Row>(method: string, path: string, body?: unknown): Promise<T> {
    const said = await this.say(method, path, body);
    if (said.status >= 300) throw new Error(`${method} ${path}: ${said.status} ${JSON.stringify(said.body)}`);
    return said.body as T;
  }

  /** For what is refused: its status and the id of its error. */
  async refused(method: string, path: string, body?: unknown): Promise<string> {
    const said = await this.say(method, path, body);
    const { id } = said.body as { id?: string };
    return `${said.status} ${id ?? String(said.body).trim()}`;
  }
}

export interface Row {
  readonly id: string;
  readonly [field: string]: unknown;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface Heard {
  readonly event: string;
  readonly seq: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly broadcast: Readonly<Record<string, unknown>>;
}

interface Answered {
  readonly status: string;
  readonly seq_reply: number;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly id: string };
}

/** One websocket that writes down what it hears. */
export class EventListener {
  readonly heard: Heard[] = [];
  readonly answers: Answered[] = [];
  readonly socket: WebSocket;
  isClosed = false;
  pings = 0;
  #seq = 0;

  constructor(url: string, token = '', query = '') {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/api/v4/websocket${query}`, { headers });
    this.socket.on('message', (data: Buffer) => this.#take(data.toString()));
    this.socket.on('ping', () => {
      this.pings += 1;
    });
    this.socket.on('error', () => this.socket.terminate());
    this.socket.on('close', () => {
      this.isClosed = true;
    });
  }

  get connectionId(): string {
    return String(this.heard.findLast(({ event }) => event === 'hello')?.data.connection_id ?? '');
  }

  /** The seq a resume would ask for. */
  get nextSeq(): number {
    return (this.heard.at(-1)?.seq ?? -1) + 1;
  }

  of(event: string): readonly Heard[] {
    return this.heard.filter((one) => one.event === event);
  }

  /** The texts of the posts announced. */
  get posted(): string[] {
    return this.of('posted')
      .map(({ data }) => JSON.parse(String(data.post)) as { message: string; type: string })
      .filter(({ type }) => !type.startsWith('system_'))
      .map(({ message }) => message);
  }

  async opened(): Promise<this> {
    await waitFor(() => this.heard.some(({ event }) => event === 'hello'), { what: 'hello' });
    return this;
  }

  hears(event: string, count = 1): Promise<unknown> {
    return waitFor(() => this.of(event).length >= count, { what: `${count} ${event}` });
  }

  closed(): Promise<unknown> {
    return waitFor(() => this.isClosed, { what: 'a closed socket' });
  }

  async act(action: string, data: object = {}): Promise<Answered> {
    this.#seq += 1;
    const seq = this.#seq;
    this.socket.send(JSON.stringify({ seq, action, data }));
    await waitFor(() => this.answers.some(({ seq_reply }) => seq_reply === seq), { what: action });
    const answer = this.answers.find(({ seq_reply }) => seq_reply === seq);
    if (answer === undefined) throw new Error(`no answer to ${action}`);
    return answer;
  }

  close(): void {
    this.socket.terminate();
  }

  #take(text: string): void {
    const body = JSON.parse(text) as Heard | Answered;
    if ('event' in body) this.heard.push(body);
    else this.answers.push(body);
  }
}
