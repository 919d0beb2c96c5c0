import { Body, MentionTarget, overBounds } from './body.ts';
import { ChannelId, EventId, NativeId, NetworkId, OrganisationId, PersonId } from './ids.ts';
import { z } from './zod.ts';

/** The version this house writes; older ones are upcast at the border (`upcast.ts`). */
export const EVENT_VERSION = 1;

const milliseconds = z.int().min(0);
const revision = z.string().min(1).max(256);
const hops = z.array(z.string().min(1).max(128)).max(16);

/**
 * Where an event comes from. (network, channel, nativeId, revision) is what an event is deduplicated by.
 * `nativeId` is the id of the thing that happened; a network that changes messages in place repeats the
 * message's id with another `revision`. `aliases`: further ids by which later events may refer to it.
 */
export const Origin = z.strictObject({
  network: NetworkId,
  channel: ChannelId,
  nativeId: NativeId,
  revision: revision.default('1'),
  aliases: z.array(NativeId).max(8).default([]),
});
export type Origin = z.infer<typeof Origin>;

/** `displayName` is as the network gave it: made safe by the hub before anyone sees it. */
export const Sender = z.strictObject({
  nativeId: PersonId,
  displayName: z.string().max(1024),
  avatar: z.string().max(2048).optional(),
  organisation: OrganisationId.optional(),
  kind: z.enum(['person', 'bot', 'moderator']),
});
export type Sender = z.infer<typeof Sender>;

/**
 * A message referred to. `natives`: the ids it may be known by on the origin's channel, best first (the first
 * one known counts). `event`: the hub's id, filled in at admit. `excerpt`: a few words of it, if the network
 * sent them along, and whose they are.
 */
export const Target = z.strictObject({
  natives: z.array(NativeId).min(1).max(4),
  event: EventId.optional(),
  excerpt: z.strictObject({ author: z.string().max(256), text: z.string().max(500) }).optional(),
});
export type Target = z.infer<typeof Target>;

/** A reference to a file, never its bytes. `source` is understood by the origin's bridge alone. */
export const Attachment = z.strictObject({
  name: z.string().min(1).max(1024),
  mediaType: z.string().max(255),
  bytes: z.int().min(0).nullable(),
  source: z.string().max(4096),
  alt: z.string().max(2048).optional(),
});
export type Attachment = z.infer<typeof Attachment>;

/** A tree holds trees, which no compiled schema may: so it is read by its own, and the rest of an event compiled. */
const body = z.custom<Body>().transform((tree, ctx): Body => {
  const read = Body.safeParse(tree);
  if (read.success && overBounds(read.data) === null) return read.data;
  if (read.success) ctx.addIssue('the body tree exceeds its bounds');
  else for (const issue of read.error.issues) ctx.addIssue({ ...issue });
  return z.NEVER;
});

/** What is said. `style`: an emote is an action of the sender ("/me"), a notice is a machine's word. */
const content = {
  body,
  plain: z.string().max(500_000),
  style: z.enum(['text', 'emote', 'notice']).default('text'),
  mentions: z.array(MentionTarget).max(1000).default([]),
};

const common = {
  v: z.literal(EVENT_VERSION),
  origin: Origin,
  sender: Sender,
  sentAt: milliseconds,
  hops: hops.default([]),
};
const accepted = { id: EventId, acceptedAt: milliseconds };

const message = {
  kind: z.literal('message'),
  ...content,
  attachments: z.array(Attachment).max(100).default([]),
  replyTo: Target.optional(),
  thread: Target.optional(),
  language: z.string().max(64).optional(),
  expires: z.strictObject({ relative: z.boolean(), seconds: z.int().min(0) }).optional(),
  class: z.string().max(128).optional(),
};
const edit = { kind: z.literal('edit'), target: Target, ...content };
const del = { kind: z.literal('delete'), target: Target };
/**
 * One person's reactions to one message. `set` replaces what the person had; `add` and `remove` change it and
 * are turned into a `set` at admit. Emoji are Unicode, or `:name:` for custom ones.
 */
const reaction = {
  kind: z.literal('reaction'),
  target: Target,
  mode: z.enum(['set', 'add', 'remove']),
  emoji: z.array(z.string().min(1).max(128)).max(64),
};
/** `subject` joined, left, was removed, or changed their name (`subject.displayName` is the new one). */
const membership = {
  kind: z.literal('membership'),
  change: z.enum(['join', 'leave', 'kick', 'ban', 'rename']),
  subject: z.strictObject({ nativeId: PersonId, displayName: z.string().max(1024) }),
  before: z.string().max(1024).optional(),
};
const channel = {
  kind: z.literal('channel'),
  name: z.string().max(1024).optional(),
  topic: z.string().max(65_536).optional(),
};

/**
 * What a bridge hands to `accept`: an event that the hub has not yet numbered and dated. Compiled, since every event
 * is read by it; where Node may make no code of text, it is read the slow way.
 */
export const IncomingEvent = z.compile(
  z.discriminatedUnion('kind', [
    z.strictObject({ ...common, ...message }),
    z.strictObject({ ...common, ...edit }),
    z.strictObject({ ...common, ...del }),
    z.strictObject({ ...common, ...reaction }),
    z.strictObject({ ...common, ...membership }),
    z.strictObject({ ...common, ...channel }),
  ]),
);
export type IncomingEvent = z.infer<typeof IncomingEvent>;
/** The same before defaults are filled in. */
export type IncomingEventInput = z.input<typeof IncomingEvent>;

/** The neutral event, version 1. Times are milliseconds since 1970 UTC; `acceptedAt` grows strictly in a room. */
export const Event = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, ...accepted, ...message }),
  z.strictObject({ ...common, ...accepted, ...edit }),
  z.strictObject({ ...common, ...accepted, ...del }),
  z.strictObject({ ...common, ...accepted, ...reaction }),
  z.strictObject({ ...common, ...accepted, ...membership }),
  z.strictObject({ ...common, ...accepted, ...channel }),
]);
export type Event = z.infer<typeof Event>;
export type EventKind = Event['kind'];
export type EventOf<K extends EventKind> = Extract<Event, { kind: K }>;
export type IncomingOf<K extends EventKind> = Extract<IncomingEvent, { kind: K }>;

/** Signals that never enter lanes: coalesced, dropped when late. */
export const Signal = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('typing'),
    network: NetworkId,
    channel: ChannelId,
    sender: Sender,
    active: z.boolean(),
    at: milliseconds,
  }),
  z.strictObject({
    kind: z.literal('read'),
    network: NetworkId,
    channel: ChannelId,
    sender: Sender,
    target: Target,
    at: milliseconds,
  }),
]);
export type Signal = z.infer<typeof Signal>;
