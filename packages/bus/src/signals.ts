import type { Signal } from '@brygga/event';
import { Cluster, type Redis } from 'ioredis';
import type { Client } from './connect.ts';

/** Passing signals by Redis pub/sub: nobody listening means lost, which is what they are for. */
export class Signals {
  readonly #redis: Client;
  readonly #channel: string;
  #subscriber: Redis | null = null;

  constructor(redis: Client, channel: string) {
    this.#redis = redis;
    this.#channel = channel;
  }

  /** Sends to all hub processes. Dropped when Redis is away. */
  publish(signal: Signal): void {
    if (this.#redis.status !== 'ready') return;
    this.#redis.publish(this.#channel, JSON.stringify(signal)).catch(() => undefined);
  }

  /** Hears of all signals from now on, again after each time Redis was away. Rejects when closed before the first. */
  async subscribe(hear: (signal: Signal) => void): Promise<void> {
    const heard = (_channel: string, text: string): void => hear(JSON.parse(text) as Signal);
    // A cluster's client has a connection of its own for this, and subscribes with the next one by itself.
    if (this.#redis instanceof Cluster) await this.#redis.on('message', heard).subscribe(this.#channel);
    else await this.#subscribe(this.#redis, heard);
  }

  async #subscribe(redis: Redis, heard: (channel: string, text: string) => void): Promise<void> {
    // ioredis would subscribe again by itself, but nobody would hear of a failure, which ends the process.
    const subscriber = redis.duplicate({ autoResubscribe: false, enableAutoPipelining: false });
    this.#subscriber = subscriber;
    subscriber.on('error', () => undefined); // told by the command connection
    subscriber.on('message', heard);
    await new Promise<void>((resolve, reject) => {
      // What fails here failed with its connection; the next one is subscribed with as well.
      subscriber.on(
        'ready',
        () =>
          void subscriber.subscribe(this.#channel).then(
            () => resolve(),
            () => undefined,
          ),
      );
      subscriber.once('end', () => reject(new Error('closed before Redis was there')));
    });
  }

  close(): void {
    this.#subscriber?.disconnect();
  }
}
