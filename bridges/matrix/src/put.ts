import type { Clock, Outcome, Persona } from '@brygga/contract';
import { refused } from '@brygga/contract';
import { beforehand, type Failure, hasStatus, isRefusal, outcomeOf } from './errors.ts';
import { DEVICE, type Ghosts, type Step } from './ghosts.ts';
import { type Answer, type Call, type Homeserver, path } from './homeserver.ts';
import { transactionId } from './ids.ts';
import { type Json, textField } from './native.ts';
import type { Room } from './rooms.ts';

/** What went wrong, already in the hub's words, or the value. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly outcome: NotDone; readonly failure: Failure };
type NotDone = Exclude<Outcome, { kind: 'done' }>;

/** Who acts: the bot, a person's ghost, or (without a persona) a ghost that was made before. */
export interface Actor {
  readonly user: string;
  readonly persona: Persona | null;
}

/** One request that writes. `salt` tells the requests of one delivery apart. */
export interface Write {
  readonly actor: Actor;
  readonly room: Room;
  readonly key: string;
  readonly salt: string;
  readonly signal: AbortSignal;
}

export interface Put {
  event(write: Write, type: string, content: Json, sentAt?: number): Promise<Result<string>>;
  redact(write: Write, target: string): Promise<Result<null>>;
}

/** Writes to rooms: with our own transaction ids, and with one repair of what can be repaired. */
export function putter(homeserver: Homeserver, ghosts: Ghosts, clock: Clock): Put {
  async function ready({ user, persona }: Actor, room: Room): Promise<Step> {
    if (persona !== null) return ghosts.ready(persona, room.channel, room.state);
    return room.state.isJoined(user) ? null : ghosts.join(user, room.channel, room.state);
  }

  /** The failure is gone and the request may be made again; null when nothing can be done. */
  async function repair(failure: Failure, write: Write): Promise<Step | 'hopeless'> {
    const { user, persona } = write.actor;
    if (isRefusal(failure, 'M_UNKNOWN_DEVICE')) return ghosts.repairDevice(user);
    if (!hasStatus(failure, 403)) return 'hopeless';
    // Not in the room, or not even registered (a homeserver restored from an old copy): both say 403.
    const { state } = write.room;
    if (state.isJoined(user)) state.setMember(user, { membership: 'leave', displayName: null });
    if (persona !== null) await ghosts.forget(user);
    return ready(write.actor, write.room);
  }

  async function attempt(write: Write, call: Call): Promise<Result<unknown>> {
    const before = await ready(write.actor, write.room);
    if (before !== null) return { ok: false, failure: before, outcome: notIn(before, write) };
    const first = await homeserver.call(call);
    if (first.ok) return first;
    const repaired = await repair(first.failure, write);
    if (repaired === 'hopeless') return failed(first.failure);
    if (repaired !== null) return { ok: false, failure: repaired, outcome: notIn(repaired, write) };
    const second: Answer = await homeserver.call(call);
    return second.ok ? second : failed(second.failure);
  }

  /** A person whose ghost is banned differs from a room that lets nobody in. */
  function notIn(failure: Failure, write: Write): NotDone {
    const banned = write.room.state.member(write.actor.user)?.membership === 'ban';
    if (banned) return refused('PERSON_BANNED');
    return hasStatus(failure, 403) && !isRefusal(failure, 'M_BAD_STATE')
      ? refused('NOT_IN_CHANNEL')
      : beforehand(failure);
  }

  function callOf(write: Write, url: string, body: Json, query: Record<string, string>): Call {
    const { user } = write.actor;
    // The device makes Synapse keep the transaction id beyond a restart; without it a repeat doubles the message.
    const device = { device_id: DEVICE };
    return { as: user, method: 'PUT', path: url, query: { ...device, ...query }, body, signal: write.signal };
  }

  const transactionOf = (write: Write, what: string): string =>
    transactionId(write.key, write.room.channel, write.actor.user, what, write.salt);

  return {
    async event(write, type, content, sentAt) {
      const txn = transactionOf(write, type);
      const url = path`/v3/rooms/${write.room.channel}/send/${type}/${txn}`;
      const result = await attempt(write, callOf(write, url, content, timestamp(sentAt, clock)));
      if (!result.ok) return result;
      const id = textField(result.value, 'event_id');
      return id === undefined
        ? failed({ kind: 'trouble', reason: 'lost', sent: true })
        : { ok: true, value: id };
    },
    async redact(write, target) {
      const txn = transactionOf(write, 'redact');
      const url = path`/v3/rooms/${write.room.channel}/redact/${target}/${txn}`;
      const result = await attempt(write, callOf(write, url, {}, {}));
      return result.ok ? { ok: true, value: null } : result;
    },
  };
}

const failed = (failure: Failure): Result<never> => ({ ok: false, failure, outcome: outcomeOf(failure) });

/** `?ts=` is for application services alone. Never in the future: the room's own clock would look behind. */
function timestamp(sentAt: number | undefined, clock: Clock): Record<string, string> {
  if (sentAt === undefined || sentAt <= 0) return {};
  return { ts: String(Math.floor(Math.min(sentAt, clock.now()))) };
}
