import type { TincanChannel } from './channel.ts';
import type { TincanNetwork } from './network.ts';
import type { TincanActor, TincanDraft } from './types.ts';

/** Somebody who sits at a can: writes markup in one channel, as a client of the network would. */
export class TincanUser {
  readonly id: string;
  readonly #network: TincanNetwork;
  readonly #channel: TincanChannel;

  constructor(network: TincanNetwork, channel: string, id: string, label: string) {
    this.id = id;
    this.#network = network;
    this.#channel = network.channel(channel);
    network.introduce({ id, label });
    this.#channel.join(this.#actor);
  }

  /** Makes this person a moderator of the channel. */
  promote(): this {
    this.#channel.moderators.add(this.id);
    return this;
  }

  post(draft: TincanDraft): string {
    return this.#channel.post(this.#actor, draft).id;
  }

  edit(id: string, text: string): void {
    this.#channel.edit(this.#actor, id, text);
  }

  remove(id: string): void {
    this.#channel.remove(this.#actor, id);
  }

  react(id: string, emoji: string, on: boolean): void {
    const before = this.#channel.message(id)?.reactions.get(this.id) ?? [];
    const others = before.filter((one) => one !== emoji);
    this.#channel.react(this.#actor, id, on ? [...others, emoji] : others);
  }

  type(active: boolean): void {
    this.#network.signal({ kind: 'typing', channel: this.#channel.id, by: this.id, active });
  }

  read(id: string): void {
    this.#network.signal({ kind: 'read', channel: this.#channel.id, by: this.id, id });
  }

  setName(name: string): void {
    this.#channel.setName(this.#actor, name);
  }

  setTopic(topic: string): void {
    this.#channel.setTopic(this.#actor, topic);
  }

  join(): void {
    this.#channel.join(this.#actor);
  }

  leave(): void {
    this.#channel.leave(this.#actor);
  }

  kick(person: string, ban = false): void {
    this.#channel.leave(this.#actor, person, ban ? 'ban' : 'kick');
  }

  rename(label: string): void {
    this.#network.introduce({ id: this.id, label });
  }

  get #actor(): TincanActor {
    return { id: this.id };
  }
}
