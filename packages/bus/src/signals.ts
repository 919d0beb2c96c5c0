import type { Signal } from '@brygga/event';
import type { Redis } from 'ioredis';

/** Passing signals by Redis pub/sub: nobody listening means lost, which is what they are for. */
export class Signals {
  readonly #redis: Redis;
  readonly #channel: string;
  #subscriber: Redis | null = null;

  constructor(redis: Redis, channel: string) {
    this.#redis = redis;
    this.#channel = channel;
  }

  /** Sends to all hub processes. Dropped when Redis is away. */
  publish(signal: Signal): void {
    if (this.#redis.status !== 'ready') return;
    this.#redis.publish(this.#channel, JSON.stringify(signal)).catch(() => undefined);
  }

  async subscribe(hear: (signal: Signal) => void): Promise<void> {
    // What is subscribed to has to outlive any number of failed attempts to connect.
    const lasting = { maxRetriesPerRequest: null, autoResendUnfulfilledCommands: true };
    this.#subscriber = this.#redis.duplicate({ ...lasting, enableAutoPipelining: false });
    this.#subscriber.on('error', () => undefined); // told by the command connection
    this.#subscriber.on('message', (_channel, text: string) => hear(JSON.parse(text) as Signal));
    await this.#subscriber.subscribe(this.#channel);
  }

  close(): void {
    this.#subscriber?.disconnect();
  }
}
