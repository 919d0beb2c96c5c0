import { hash } from 'node:crypto';
import type { HubNotice } from '@brygga/contract';
import type { RoomId } from '@brygga/event';
import type { Link } from '../rooms.ts';

/** What makes a link this one, and no other. */
export type Linked = Pick<Link, 'room' | 'id' | 'network' | 'channel'>;

/** What our rooms and links are called in notices: tokens that say nothing to others. */
export class Tokens {
  readonly instance: string;
  /** Tokens of links to their order in the settings. */
  readonly #order: ReadonlyMap<string, number>;

  /** `links`: all of the settings, in their order. */
  constructor(instance: string, links: readonly Linked[]) {
    this.instance = instance;
    this.#order = new Map(links.map((link, index) => [this.link(link), index]));
  }

  room(room: RoomId): string {
    return this.#token(`room ${room}`);
  }

  /** The channel goes in: a notice that stayed in a channel which is no link's any more is nobody's. */
  link({ room, id, network, channel }: Linked): string {
    return this.#token(`link ${room} ${id} ${network} ${channel}`);
  }

  isOwn(notice: HubNotice, link: Linked): boolean {
    return notice.instance === this.instance && notice.link === this.link(link);
  }

  /** Whether a token is that of a link of ours that stands before this one. */
  isEarlier(token: string, link: Linked): boolean {
    const place = this.#order.get(token);
    return place !== undefined && place < (this.#order.get(this.link(link)) ?? 0);
  }

  #token(name: string): string {
    return hash('sha256', `${this.instance} ${name}`, 'base64url').slice(0, 16);
  }
}
