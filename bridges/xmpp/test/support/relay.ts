import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP relay whose connections can be cut, frozen, and refused. */
export class Relay {
  readonly #server: Server;
  readonly #target: number;
  readonly #pairs = new Set<[Socket, Socket]>();
  #refusing = false;
  connections = 0;

  static async to(target: number): Promise<Relay> {
    const relay = new Relay(target);
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((near) => this.#accept(near));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  #accept(near: Socket): void {
    if (this.#refusing) {
      near.destroy();
      return;
    }
    this.connections += 1;
    const far = connect({ port: this.#target, host: '127.0.0.1', noDelay: true });
    near.setNoDelay(true);
    const pair: [Socket, Socket] = [near, far];
    this.#pairs.add(pair);
    near.pipe(far);
    far.pipe(near);
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        this.#pairs.delete(pair);
      });
    }
  }

  /** Cuts every connection, in the middle of whatever is under way. */
  cut(): void {
    for (const [near, far] of this.#pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
  }
  /** What comes from the server goes nowhere any more, then the connection is cut: no answer will have come. */
  deafen(): void {
    for (const [near, far] of this.#pairs) far.unpipe(near);
  }
  /** Deaf as soon as the bridge writes something that contains `words`. */
  deafenAfter(words: string): Promise<void> {
    return new Promise((resolve) => {
      for (const [near] of this.#pairs) {
        const listen = (chunk: Buffer): void => {
          if (!chunk.includes(words)) return;
          near.off('data', listen);
          this.deafen();
          resolve();
        };
        near.on('data', listen);
      }
    });
  }
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }
  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
