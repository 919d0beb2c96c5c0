import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

const POST = /^POST \/(?:\S*\/)?api\/v4\/posts[? ]/;

/** The line between the bridge and the server: it can be cut, and only they notice. */
export class Line {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #isCut = false;
  #losesNext = false;

  constructor(target: URL) {
    this.#server = createServer((near) => {
      if (this.#isCut) return void near.destroy();
      const far = connect(Number(target.port), target.hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#open.add(one);
        one.pipe(other);
        one.on('error', () => undefined);
        one.on('close', () => {
          this.#open.delete(one);
          other.destroy();
        });
      }
      near.on('data', (data: Buffer) => {
        if (!this.#losesNext || !POST.test(data.toString('latin1'))) return;
        this.#losesNext = false;
        far.unpipe(near);
        far.once('data', () => near.destroy());
      });
    });
  }

  /** The next post is made, and its answer does not come through. */
  loseNextAnswer(): void {
    this.#losesNext = true;
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#open) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
    this.#losesNext = false;
  }

  stop(): void {
    this.cut();
    this.#server.close();
  }
}
