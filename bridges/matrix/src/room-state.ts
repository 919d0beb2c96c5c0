import type { HubNotice } from '@brygga/contract';
import { HUB, HUBS_MAX, hubOf } from './hubs.ts';
import { field, isJson, type Json, listField, type MatrixEvent, numberField, textField } from './native.ts';

/** Members remembered per room; beyond it the one heard of longest ago is forgotten and shown by localpart. */
const MEMBERS_MAX = 20_000;

export interface Member {
  readonly membership: string;
  readonly displayName: string | null;
}

/** What is known of a room: who is in it and who may do what. Changed by `apply` only. */
export class RoomState {
  encrypted = false;
  joinRule = 'invite';
  name: string | undefined;
  topic: string | undefined;
  #power: Json = {};
  #creators: ReadonlySet<string> = new Set();
  readonly #members = new Map<string, Member>();
  readonly #hubs = new Map<string, HubNotice>();

  /** Takes over a state event, as pushed or as read. Others are ignored. */
  apply(type: string, stateKey: string, content: Json, sender: string): void {
    if (type === 'm.room.member') this.setMember(stateKey, memberOf(content));
    if (type === HUB) this.#setHub(stateKey, hubOf(stateKey, content));
    if (stateKey !== '') return;
    if (type === 'm.room.power_levels') this.#power = content;
    if (type === 'm.room.create') this.#creators = creatorsOf(content, sender);
    // Encryption cannot be turned off, whatever a later state event says.
    if (type === 'm.room.encryption') this.encrypted = true;
    if (type === 'm.room.join_rules') this.joinRule = textField(content, 'join_rule') ?? 'invite';
    if (type === 'm.room.name') this.name = textField(content, 'name');
    if (type === 'm.room.topic') this.topic = textField(content, 'topic');
  }

  applyEvent(event: MatrixEvent): void {
    if (event.state_key !== undefined) this.apply(event.type, event.state_key, event.content, event.sender);
  }

  #setHub(stateKey: string, notice: HubNotice | null): void {
    if (notice === null) this.#hubs.delete(stateKey);
    else if (this.#hubs.has(stateKey) || this.#hubs.size < HUBS_MAX) this.#hubs.set(stateKey, notice);
  }

  /** The notices of hubs that stand in the room. */
  hubs(): HubNotice[] {
    return [...this.#hubs.values()];
  }
  hub(stateKey: string): HubNotice | undefined {
    return this.#hubs.get(stateKey);
  }

  setMember(userId: string, member: Member): void {
    this.#members.delete(userId);
    this.#members.set(userId, member);
    if (this.#members.size <= MEMBERS_MAX) return;
    for (const oldest of this.#members.keys()) {
      this.#members.delete(oldest);
      return;
    }
  }

  member(userId: string): Member | undefined {
    return this.#members.get(userId);
  }

  isJoined(userId: string): boolean {
    return this.#members.get(userId)?.membership === 'join';
  }

  *joined(): Generator<readonly [string, Member]> {
    for (const entry of this.#members) if (entry[1].membership === 'join') yield entry;
  }

  /** Since room version 12 creators stand above all levels and are not listed among the users. */
  levelOf(userId: string): number {
    if (this.#creators.has(userId)) return Number.POSITIVE_INFINITY;
    const own = numberField(field(this.#power, 'users'), userId);
    return own ?? numberField(this.#power, 'users_default') ?? 0;
  }

  /** Level an action needs (https://spec.matrix.org/v1.19/client-server-api/#mroompower_levels). */
  levelFor(action: 'redact' | 'invite' | 'kick' | 'state_default' | 'events_default'): number {
    const usual = action === 'invite' || action === 'events_default' ? 0 : 50;
    return numberField(this.#power, action) ?? usual;
  }

  /** Level an ordinary message needs. */
  get levelForMessage(): number {
    return numberField(field(this.#power, 'events'), 'm.room.message') ?? this.levelFor('events_default');
  }

  /** Level a state event of that type needs. */
  levelForState(type: string): number {
    return numberField(field(this.#power, 'events'), type) ?? this.levelFor('state_default');
  }
}

const memberOf = (content: Json): Member => ({
  membership: textField(content, 'membership') ?? 'leave',
  displayName: textField(content, 'displayname') ?? null,
});

/** Room versions whose creators have no infinite power. */
const OLD_VERSIONS = new Set(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11']);

function creatorsOf(content: Json, sender: string): ReadonlySet<string> {
  if (OLD_VERSIONS.has(textField(content, 'room_version') ?? '1')) return new Set();
  const additional = listField(content, 'additional_creators').filter((user) => typeof user === 'string');
  return new Set([sender, ...additional]);
}

/** State events in the form of `GET /rooms/{room}/state`. */
export function applyState(state: RoomState, events: unknown): void {
  if (!Array.isArray(events)) return;
  for (const event of events) {
    const content = field(event, 'content');
    const type = textField(event, 'type');
    const key = textField(event, 'state_key');
    const sender = textField(event, 'sender');
    if (isJson(content) && type !== undefined && key !== undefined)
      state.apply(type, key, content, sender ?? '');
  }
}
