import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between one hub and Redis, so that the hub alone can be cut off. */
export class RedisProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut = false;

  private constructor(port: number) {
    this.#server = createServer((socket) => {
      if (this.#cut) return void socket.destroy();
      const redis = connect(port, '127.0.0.1');
      for (const one of [socket, redis]) {
        this.#sockets.add(one);
        one.on('error', () => undefined);
        one.once('close', () => {
          this.#sockets.delete(one);
          socket.destroy();
          redis.destroy();
        });
      }
      socket.pipe(redis);
      redis.pipe(socket);
    });
  }

  static async to(url: string): Promise<RedisProxy> {
    const proxy = new RedisProxy(Number(new URL(url).port));
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    return `redis://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  heal(): void {
    this.#cut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
