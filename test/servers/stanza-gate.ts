import { connect, createServer, type Server, type Socket } from 'node:net';
import { Stanzas } from './stanzas.ts';

/**
 * What may befall one stanza on its way to the server. `refuse`: the stream breaks and the server never sees it.
 * `lose`: the server has it, and the stream breaks before anything comes back. `silence`: the server has it, and
 * nothing passes on this stream any more, which stays open.
 */
export type StanzaFault = 'refuse' | 'lose' | 'silence';

/** After that the server has done what it was asked, though it has nothing to say to it. */
const DONE_MS = 300;

/** Stands between a bridge and an XMPP server and sees every stanza of the bridge. No TLS: on one machine only. */
export class StanzaGate {
  /** Asked for every stanza before it is passed on. */
  meet: ((stanza: Buffer) => StanzaFault | undefined) | null = null;
  readonly #server: Server;
  readonly #passages = new Set<Passage>();
  #open = true;

  private constructor(target: number) {
    this.#server = createServer({ noDelay: true }, (client) => {
      if (!this.#open) return void client.destroy();
      const server = connect({ port: target, host: '127.0.0.1', noDelay: true });
      const passage = new Passage(client, server, this, () => this.#passages.delete(passage));
      this.#passages.add(passage);
    });
  }

  static async to(target: number): Promise<StanzaGate> {
    const gate = new StanzaGate(target);
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Every stream breaks. */
  hangUp(): void {
    for (const passage of [...this.#passages]) passage.end();
  }

  /** Every stream breaks, new ones break at once. */
  cut(): void {
    this.#open = false;
    this.hangUp();
  }

  mend(): void {
    this.#open = true;
  }

  stop(): void {
    this.cut();
    this.#server.close();
  }
}

/** One stream through the gate. */
class Passage {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #gate: Pick<StanzaGate, 'meet'>;
  readonly #gone: () => void;
  readonly #stanzas = new Stanzas();
  #befell: StanzaFault | null = null;

  constructor(client: Socket, server: Socket, gate: Pick<StanzaGate, 'meet'>, gone: () => void) {
    this.#client = client;
    this.#server = server;
    this.#gate = gate;
    this.#gone = gone;
    client.on('data', (chunk: Buffer) => this.#asked(chunk));
    server.on('data', (chunk: Buffer) => this.#answered(chunk));
    for (const one of [client, server]) one.on('error', () => undefined).once('close', () => this.end());
  }

  end(): void {
    this.#client.destroy();
    this.#server.destroy();
    this.#gone();
  }

  #asked(chunk: Buffer): void {
    for (const { bytes, stanza } of this.#stanzas.push(chunk)) {
      if (this.#befell !== null) return;
      const fault = stanza ? this.#gate.meet?.(bytes) : undefined;
      this.#befell = fault ?? null;
      if (fault === 'refuse') return void this.end();
      this.#server.write(bytes);
      if (fault === 'lose') setTimeout(() => this.end(), DONE_MS);
    }
  }

  #answered(chunk: Buffer): void {
    if (this.#befell === null) this.#client.write(chunk);
    else if (this.#befell === 'lose') this.end();
  }
}
