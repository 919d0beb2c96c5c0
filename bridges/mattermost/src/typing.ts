import { channelId, personId } from '@brygga/event';
import { type SocketEvent, textField } from './native.ts';
import type { Session } from './session.ts';

/** Clients let it lapse after that; the server never says that somebody stopped. */
const TYPING_MS = 6000;

/** Who writes where, as told by the server. */
export class Typing {
  readonly #lapses = new Map<string, () => void>();

  hear(session: Session, { data, broadcast }: SocketEvent): void {
    const user = textField(data, 'user_id');
    const channel = broadcast.channel_id;
    if (user === undefined || channel === '' || user === session.bot || session.ignored.has(user)) return;
    const name = `${channel} ${user}`;
    this.#lapses.get(name)?.();
    this.#lapses.set(
      name,
      session.ctx.clock.after(TYPING_MS, () => {
        this.#lapses.delete(name);
        tell(session, channel, user, false);
      }),
    );
    tell(session, channel, user, true);
  }

  close(): void {
    for (const cancel of this.#lapses.values()) cancel();
    this.#lapses.clear();
  }
}

function tell({ ctx, people }: Session, channel: string, user: string, active: boolean): void {
  ctx.signal({
    kind: 'typing',
    network: ctx.network,
    channel: channelId(channel),
    sender: { nativeId: personId(user), displayName: people.nameOf(user), kind: 'person' },
    active,
    at: ctx.clock.now(),
  });
}
