export { type AcceptResult, LaneFull, type NewEvent } from './accept.ts';
export { Bus } from './bus.ts';
export { checkRedis } from './check.ts';
export type { RedisPlace } from './connect.ts';
export { Desk, type DeskOptions, type LaneLook, type RoomLook } from './desk.ts';
export { type Author, field, type IdMap, type Known, personKey } from './id-map.ts';
export type { LinkPlan, MapWrite, Plan, Planned } from './inbox.ts';
export { type Installation, readInstallation, type SeenAt } from './installation.ts';
export { deliveryName, type InboxItem, type OutboxItem } from './items.ts';
export { INBOX, type LaneName, outbox } from './keys.ts';
export { type Claim, type Left, LOST, type Lost } from './lane.ts';
export { type LateLook, type LateTelling, lateDead, type WaitingLink } from './late.ts';
export {
  type DeliveryName,
  type LetterPlace,
  Letters,
  nameOf,
  type Replay,
  type ReplayResult,
} from './letters.ts';
export type { BusOptions, LaneBounds } from './options.ts';
export type { Burial, Buried, DeadLetter, DeliveryRecord, Failure, History, Telling } from './outbox.ts';
export { Seal, type SealKey, type SealOptions, Unreadable, type UnreadableCode } from './seal.ts';
export type { KeptStore, Resealed } from './store.ts';
export { type Waits, waitOf } from './waits.ts';
export type { Wake } from './wake.ts';
