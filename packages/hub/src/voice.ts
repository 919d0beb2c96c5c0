import type { OutboxItem } from '@brygga/bus';
import type { Clock, MessageStatus } from '@brygga/contract';
import {
  type Event,
  type EventId,
  type EventOf,
  type NativeId,
  nativeId,
  personId,
  plainBody,
} from '@brygga/event';
import type { Link } from './rooms.ts';

export interface VoiceParts {
  readonly clock: Clock;
  readonly newEventId: () => EventId;
  readonly hub: string;
}

/** A message that the hub says something about, in the channel where it was written. */
export interface About {
  readonly event: EventId;
  readonly native: NativeId;
}

/** The message that an event is, or is about; null when it is about none. */
export function aboutOf(event: Event): About | null {
  if (event.kind === 'message') return { event: event.id, native: event.origin.nativeId };
  if (!('target' in event) || event.target.event === undefined) return null;
  return { event: event.target.event, native: event.target.natives[0] ?? event.origin.nativeId };
}

const target = ({ event, native }: About): { event: EventId; natives: [NativeId] } => ({
  event,
  natives: [native],
});

/** What every event of the hub's own has. */
function own({ clock, newEventId, hub }: VoiceParts, link: Link) {
  const now = clock.now();
  const id = newEventId();
  const { network, channel } = link;
  return {
    v: 1,
    id,
    origin: { network, channel, nativeId: nativeId(`hub:${id}`), revision: '1', aliases: [] },
    sender: { nativeId: personId(hub), displayName: hub, kind: 'bot' },
    sentAt: now,
    acceptedAt: now,
    hops: [hub],
  } as const satisfies Partial<Event>;
}

/** What the hub itself says, as an outbox item of that link. */
export function hubSays(parts: VoiceParts, link: Link, said: string): OutboxItem {
  return { event: notice(parts, link, said), lost: [], hub: true };
}

function notice(parts: VoiceParts, link: Link, said: string): EventOf<'message'> {
  const { hops, ...common } = own(parts, link);
  return {
    ...common,
    hops: [...hops],
    origin: { ...common.origin, aliases: [] },
    kind: 'message',
    body: plainBody(said),
    plain: said,
    style: 'notice',
    mentions: [],
    attachments: [],
  };
}

const SIGNS: Readonly<Record<MessageStatus, readonly string[]>> = {
  late: ['⏳'],
  arrived: [],
  failed: ['⚠️'],
};

const carried = ({ manifest }: Link, feature: 'reaction' | 'messageStatus'): boolean => {
  const { out } = manifest.features[feature];
  return out === 'full' || out === 'partial';
};

/**
 * What became of a message, told in the channel where it was written in the best form its network has: at the
 * message itself with a notice in a thread, or else an answer and, where that is possible, a reaction by the hub.
 */
export function hubTells(
  parts: VoiceParts,
  link: Link,
  said: string,
  about: About | null,
  status: MessageStatus,
): OutboxItem[] {
  const event = notice(parts, link, said);
  if (about === null) return [{ event, lost: [], hub: true }];
  const replyTo = target(about);
  if (carried(link, 'messageStatus'))
    return [{ event: { ...event, replyTo, thread: target(about) }, lost: [], hub: true, status }];
  const answer: OutboxItem = { event: { ...event, replyTo }, lost: [], hub: true, status };
  return carried(link, 'reaction') ? [sign(parts, link, about, SIGNS[status]), answer] : [answer];
}

function sign(parts: VoiceParts, link: Link, about: About, emoji: readonly string[]): OutboxItem {
  const { hops, ...common } = own(parts, link);
  const event: EventOf<'reaction'> = {
    ...common,
    hops: [...hops],
    origin: { ...common.origin, aliases: [] },
    kind: 'reaction',
    mode: 'set',
    emoji: [...emoji],
    target: target(about),
  };
  return { event, lost: [], hub: true };
}
