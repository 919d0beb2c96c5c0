import type { NativeMessage, ThreadPlace } from '@brygga/contract';
import type { Json } from './native.ts';

/** Key of our marker in the content of everything we send. */
export const MARKER = 'org.brygga.origin';

/** Says who sent an event, for other hubs in the same room and for looking it up. */
export interface Marker {
  readonly key: string;
  readonly hub: string;
  readonly hops: readonly string[];
}

/** One native message to be: what `render` makes. `html` is null when the plain text says it all. */
export interface Part {
  readonly msgtype: 'm.text' | 'm.notice' | 'm.emote';
  readonly body: string;
  readonly html: string | null;
  readonly mentions: { readonly users: readonly string[]; readonly room: boolean };
}

/** Where in the conversation a message belongs. */
export interface Place {
  readonly replyTo: NativeMessage | null;
  readonly thread: ThreadPlace | null;
}

const NOWHERE: Place = { replyTo: null, thread: null };

/** Set on every message, empty when there are none: without it old push rules look for names in the text. */
function mentionsOf(part: Part): Json {
  const users = [...new Set(part.mentions.users)];
  return { ...(users.length > 0 ? { user_ids: users } : {}), ...(part.mentions.room ? { room: true } : {}) };
}

function textOf(part: Part): Json {
  const html = part.html === null ? {} : { format: 'org.matrix.custom.html', formatted_body: part.html };
  return { msgtype: part.msgtype, body: part.body, ...html, 'm.mentions': mentionsOf(part) };
}

/**
 * A message in its place (https://spec.matrix.org/v1.19/client-server-api/#threading): in a thread the reply to the
 * last message is only for clients that know no threads, unless it is a real one.
 */
export function messageContent(part: Part, marker: Marker, place: Place = NOWHERE): Json {
  return { ...textOf(part), ...relation(place), [MARKER]: marker };
}

function relation({ replyTo, thread }: Place): Json {
  if (thread === null) return replyTo === null ? {} : { 'm.relates_to': inReplyTo(replyTo) };
  return {
    'm.relates_to': {
      rel_type: 'm.thread',
      event_id: thread.root.id,
      is_falling_back: replyTo === null,
      ...inReplyTo(replyTo ?? thread.last),
    },
  };
}

const inReplyTo = (message: NativeMessage): Json => ({ 'm.in_reply_to': { event_id: message.id } });

/**
 * A replacement (https://spec.matrix.org/v1.19/client-server-api/#event-replacements). Nobody is called again: whom
 * the first version called is not known here, so the outer mentions stay empty.
 */
export function editContent(part: Part, marker: Marker, target: string): Json {
  const outer: Part = {
    ...part,
    body: `* ${part.body}`,
    html: part.html === null ? null : `* ${part.html}`,
    mentions: { users: [], room: false },
  };
  return {
    ...textOf(outer),
    'm.new_content': textOf(part),
    'm.relates_to': { rel_type: 'm.replace', event_id: target },
    [MARKER]: marker,
  };
}

export const reactionContent = (target: string, emoji: string, marker: Marker): Json => ({
  'm.relates_to': { rel_type: 'm.annotation', event_id: target, key: emoji },
  [MARKER]: marker,
});
