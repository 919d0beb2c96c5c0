import type { BridgeContext, Persona } from '@brygga/contract';
import { networkId, personId } from '@brygga/event';
import { Gate, Recent, Turns } from '@brygga/wire';
import { z } from 'zod';
import { type Failure, hasStatus, isRefusal } from './errors.ts';
import { type Answer, type Call, type Homeserver, path } from './homeserver.ts';
import { type GhostReading, ghostLocalpart, localpartOf, mxid, type Remote, readGhost } from './ids.ts';
import type { RoomState } from './room-state.ts';
import type { MatrixSettings } from './settings.ts';

/** Every one that sends has this device: with it Synapse knows a repeated transaction id even after a restart. */
export const DEVICE = 'BRYGGA';

const GHOSTS_MAX = 20_000;
const AT_ONCE = 8;
const WAITING_MAX = 5_000;

/** What is remembered of a ghost that exists. */
const Known = z.object({ network: z.string(), person: z.string(), label: z.string() });
type Known = z.infer<typeof Known>;

/** Null: it is done. */
export type Step = Failure | null;

type Context = Pick<BridgeContext<MatrixSettings>, 'store' | 'settings' | 'log' | 'network'>;

/** A busy homeserver in our own house: too many ghosts wait to be made. */
const CROWDED: Failure = { kind: 'refusal', status: 429, errcode: 'M_LIMIT_EXCEEDED', afterMs: 1000 };

/** Makes ghosts, names them and brings them into rooms, each as late as possible. */
export class Ghosts {
  readonly #ctx: Context;
  readonly #homeserver: Homeserver;
  readonly #known = new Recent<Known>(GHOSTS_MAX);
  readonly #turns = new Turns(WAITING_MAX);
  readonly #gate = new Gate(AT_ONCE, WAITING_MAX);
  readonly bot: string;

  constructor(ctx: Context, homeserver: Homeserver) {
    this.#ctx = ctx;
    this.#homeserver = homeserver;
    this.bot = mxid(ctx.settings.botLocalpart, ctx.settings.serverName);
  }

  idOf(remote: Remote): string {
    return mxid(ghostLocalpart(this.#ctx.settings, remote), this.#ctx.settings.serverName);
  }

  /** Whom a ghost stands for; null for anybody else. */
  async remoteOf(userId: string): Promise<Remote | null> {
    const reading: GhostReading = readGhost(this.#ctx.settings, userId);
    if (reading.kind === 'ghost') return reading.remote;
    if (reading.kind === 'stranger') return null;
    const known = await this.#recall(reading.localpart);
    return known === null ? null : { network: networkId(known.network), person: personId(known.person) };
  }

  /** Whether that user of our namespace has been made. */
  async exists(userId: string): Promise<boolean> {
    return userId === this.bot || (await this.#recall(localpartOf(userId))) !== null;
  }

  /** Registers the bot and gives it a device and a name. */
  async prepareBot(name: string): Promise<Step> {
    return (
      (await this.#register(this.bot)) ?? (await this.#addDevice(this.bot)) ?? this.#setName(this.bot, name)
    );
  }

  /** The ghost exists, is called by its label, and is in the room. */
  async ready(persona: Persona, room: string, state: RoomState): Promise<Step> {
    const userId = this.idOf(persona);
    if (this.#known.get(localpartOf(userId))?.label === persona.label && state.isJoined(userId)) return null;
    const made = await this.#turns.run(userId, () =>
      this.#gate.run(async () => ({ step: await this.#prepare(userId, persona, room, state) })),
    );
    return made === null ? CROWDED : made.step;
  }

  async #prepare(userId: string, persona: Persona, room: string, state: RoomState): Promise<Step> {
    const named = await this.#named(userId, persona);
    if (named !== null || state.isJoined(userId)) return named;
    return this.join(userId, room, state);
  }

  /** Exists and is called by its label: named before it joins, else every room it is in sees the change. */
  async #named(userId: string, persona: Persona): Promise<Step> {
    const localpart = localpartOf(userId);
    const known = await this.#recall(localpart);
    if (known?.label === persona.label) return null;
    if (known === null) {
      const made = (await this.#register(userId)) ?? (await this.#addDevice(userId));
      if (made !== null) return made;
    }
    const named = await this.#setName(userId, persona.label);
    if (named !== null) return named;
    await this.#remember(localpart, {
      network: persona.network,
      person: persona.person,
      label: persona.label,
    });
    return null;
  }

  /** Forgets what was known of a ghost, so that the next `ready` makes it anew. */
  async forget(userId: string): Promise<void> {
    this.#known.delete(localpartOf(userId));
    await this.#ctx.store.delete(storeName(localpartOf(userId)));
  }

  async #recall(localpart: string): Promise<Known | null> {
    const here = this.#known.get(localpart);
    if (here !== undefined) return here;
    const stored = await this.#ctx.store.get(storeName(localpart));
    if (stored === null) return null;
    const known = Known.safeParse(JSON.parse(stored));
    if (!known.success) return null;
    this.#known.set(localpart, known.data);
    return known.data;
  }

  async #remember(localpart: string, known: Known): Promise<void> {
    await this.#ctx.store.set(storeName(localpart), JSON.stringify(known));
    this.#known.set(localpart, known);
  }

  /** `inhibit_login` always: without it Synapse may refuse *and* have made the user. */
  async #register(userId: string): Promise<Step> {
    const made = await this.#call({
      as: null,
      method: 'POST',
      path: path`/v3/register`,
      body: { type: 'm.login.application_service', username: localpartOf(userId), inhibit_login: true },
    });
    if (made.ok || isRefusal(made.failure, 'M_USER_IN_USE')) return null;
    return made.failure;
  }

  async #addDevice(userId: string): Promise<Step> {
    return stepOf(await this.#call({ as: userId, method: 'PUT', path: path`/v3/devices/${DEVICE}` }));
  }

  async #setName(userId: string, name: string): Promise<Step> {
    const named = await this.#call({
      as: userId,
      method: 'PUT',
      path: path`/v3/profile/${userId}/displayname`,
      body: { displayname: name },
    });
    return stepOf(named);
  }

  /** Joins; where the room is closed the bot invites first. */
  async join(userId: string, room: string, state: RoomState): Promise<Step> {
    const first = await this.#join(userId, room);
    if (first === null) return this.#noteJoined(userId, state);
    if (!hasStatus(first, 403) || userId === this.bot) return first;
    const invited = await this.#call({
      as: this.bot,
      method: 'POST',
      path: path`/v3/rooms/${room}/invite`,
      body: { user_id: userId },
    });
    if (!invited.ok && !hasStatus(invited.failure, 403)) return invited.failure;
    const second = await this.#join(userId, room);
    return second === null ? this.#noteJoined(userId, state) : second;
  }

  #noteJoined(userId: string, state: RoomState): null {
    state.setMember(userId, { membership: 'join', displayName: null });
    return null;
  }

  async #join(userId: string, room: string): Promise<Step> {
    return stepOf(await this.#call({ as: userId, method: 'POST', path: path`/v3/rooms/${room}/join` }));
  }

  /** The ghost leaves; that it was not there is as good. */
  async leave(userId: string, room: string, state: RoomState): Promise<Step> {
    const left = await this.#call({ as: userId, method: 'POST', path: path`/v3/rooms/${room}/leave` });
    if (!left.ok && !hasStatus(left.failure, 403)) return left.failure;
    state.setMember(userId, { membership: 'leave', displayName: null });
    return null;
  }

  /** Makes the device anew, when the homeserver does not know it (any more). */
  async repairDevice(userId: string): Promise<Step> {
    return this.#addDevice(userId);
  }

  #call(call: Call): Promise<Answer> {
    return this.#homeserver.call(call);
  }
}

const stepOf = (answer: Answer): Step => (answer.ok ? null : answer.failure);
const storeName = (localpart: string): string => `ghost.${localpart}`;
