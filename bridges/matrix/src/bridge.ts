import {
  type Bridge,
  type BridgeContext,
  type CheckContext,
  type Delivery,
  type Finding,
  type HubNotice,
  later,
  type Outcome,
  type Persona,
  refused,
  unsure,
} from '@brygga/contract';
import { type ChannelId, type NetworkId, type PersonId, personId } from '@brygga/event';
import { check } from './check.ts';
import { beforehand, hasStatus } from './errors.ts';
import { path } from './homeserver.ts';
import { isOurs, localpartOf } from './ids.ts';
import { manifest } from './manifest.ts';
import { newRoom, type Room } from './rooms.ts';
import { openSession, type Session } from './session.ts';
import type { MatrixSettings } from './settings.ts';
import { type Callee, httpFace } from './transactions.ts';

/** How long a ghost is shown as writing when nobody says that it stopped. */
const TYPING_MS = 30_000;
/** How long `close` waits for what is under way before it ends the connections. */
const SETTLE_MS_MAX = 5_000;

/** One Matrix network: an application service on one homeserver. */
export class MatrixBridge implements Bridge<MatrixSettings> {
  readonly manifest = manifest;
  readonly http;
  #session: Session | null = null;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(_network: NetworkId, settings: MatrixSettings) {
    this.http = httpFace(settings, () => (this.#session === null ? null : this.#callee(this.#session)));
  }

  async open(ctx: BridgeContext<MatrixSettings>): Promise<void> {
    this.#session ??= await openSession(ctx);
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    if (session === null) return;
    const settled = Promise.allSettled(this.#underWay);
    const enough = new AbortController();
    await Promise.race([settled, session.ctx.clock.sleep(SETTLE_MS_MAX, enough.signal)]);
    enough.abort();
    await session.close();
    await settled;
  }

  announce(channel: ChannelId, notice: HubNotice): void {
    this.#session?.attendance.announce(channel, notice);
  }

  async attach(channel: ChannelId): Promise<void> {
    this.#session?.attendance.attach(channel);
  }

  async detach(channel: ChannelId): Promise<void> {
    this.#session?.attendance.detach(channel);
  }

  async send(delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
    const session = this.#session;
    if (session === null) return later('NETWORK_DOWN', { scope: 'network' });
    return Promise.race([this.#track(sendWithin(session, delivery, signal)), givenUp(signal)]);
  }

  /** Close waits for it. */
  #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    const forget = (): void => void this.#underWay.delete(work);
    work.then(forget, forget);
    return work;
  }

  check(ctx: CheckContext<MatrixSettings>): Promise<readonly Finding[]> {
    return check(ctx);
  }

  #callee(session: Session): Callee {
    return {
      transaction: (transaction) => this.#track(session.transaction(transaction)),
      user: (userId) => session.ghosts.exists(userId),
    };
  }

  /** Only a ghost that is in the room writes there: it is not brought in for that. */
  async typing(channel: ChannelId, persona: Persona, active: boolean): Promise<void> {
    const session = this.#session;
    const room = session?.attendance.get(channel);
    if (session === null || room === undefined || !session.connection.isUp) return;
    const ghost = session.ghosts.idOf(persona);
    if (!room.state.isJoined(ghost)) return;
    await session.homeserver.call({
      as: ghost,
      method: 'PUT',
      path: path`/v3/rooms/${channel}/typing/${ghost}`,
      body: active ? { typing: true, timeout: TYPING_MS } : { typing: false },
      signal: room.stop.signal,
    });
  }

  async people(
    channel: ChannelId,
  ): Promise<readonly { readonly person: PersonId; readonly displayName: string }[]> {
    const session = this.#session;
    const room = session?.attendance.get(channel);
    if (session === null || room === undefined) return [];
    const people = [...room.state.joined()].filter(([user]) => !isOurs(session.ctx.settings, user));
    return people.map(([user, { displayName }]) => ({
      person: personId(user),
      displayName: displayName ?? localpartOf(user),
    }));
  }

  async describe(channel: ChannelId): Promise<{ readonly name?: string; readonly topic?: string }> {
    const session = this.#session;
    if (session === null) return {};
    const room = session.attendance.get(channel) ?? newRoom(channel);
    await session.attendance.enter(room);
    const { name, topic } = room.state;
    return { ...(name === undefined ? {} : { name }), ...(topic === undefined ? {} : { topic }) };
  }
}

/** The time limit of a send. What is still under way goes on and is harmless: a repeat has the same transaction. */
const givenUp = (signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => {
    const give = (): void => resolve(unsure('NO_ANSWER'));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });

async function sendWithin(session: Session, delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
  if (!session.connection.isUp) return later('NETWORK_DOWN', { scope: 'network' });
  const room: Room = session.attendance.get(delivery.channel) ?? newRoom(delivery.channel);
  const failure = await session.attendance.enter(room);
  if (failure !== null) return hasStatus(failure, 403) ? refused('NOT_IN_CHANNEL') : beforehand(failure);
  return session.send(delivery, room, signal);
}
