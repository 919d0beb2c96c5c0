import { z } from './zod.ts';

/**
 * Opaque ids, each a branded string with one maker. Native ids are cut in parts only by the bridge that made
 * them; the hub compares them and nothing else.
 */
export const EventId = z.uuid({ version: 'v7' }).brand<'EventId'>();
/** UUIDv7 (RFC 9562) the hub gives an event when it accepts it. */
export type EventId = z.infer<typeof EventId>;

const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'use 1 to 64 of a-z 0-9 . _ - and begin with a letter or digit');

export const NetworkId = slug.brand<'NetworkId'>();
/** One deployment of a chat system, as named in the settings: `skv-chat`. */
export type NetworkId = z.infer<typeof NetworkId>;

export const OrganisationId = slug.brand<'OrganisationId'>();
export type OrganisationId = z.infer<typeof OrganisationId>;

export const RoomId = slug.brand<'RoomId'>();
/** The hub's cross-agency room. */
export type RoomId = z.infer<typeof RoomId>;

export const LinkId = slug.brand<'LinkId'>();
/** One channel's membership in a room; unique within its room. */
export type LinkId = z.infer<typeof LinkId>;

export const ChannelId = z.string().min(1).max(1024).brand<'ChannelId'>();
/** The native place of conversation, in the network's own words. */
export type ChannelId = z.infer<typeof ChannelId>;

export const NativeId = z.string().min(1).max(1024).brand<'NativeId'>();
/** A message's (or reaction's) id in its network. */
export type NativeId = z.infer<typeof NativeId>;

export const PersonId = z.string().min(1).max(1024).brand<'PersonId'>();
/** A person's id in their network. */
export type PersonId = z.infer<typeof PersonId>;

export const eventId = (text: string): EventId => text as EventId;
export const networkId = (text: string): NetworkId => text as NetworkId;
export const organisationId = (text: string): OrganisationId => text as OrganisationId;
export const roomId = (text: string): RoomId => text as RoomId;
export const linkId = (text: string): LinkId => text as LinkId;
export const channelId = (text: string): ChannelId => text as ChannelId;
export const nativeId = (text: string): NativeId => text as NativeId;
export const personId = (text: string): PersonId => text as PersonId;
