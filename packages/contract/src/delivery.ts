import type { ChannelId, Event, LinkId, NetworkId, PersonId, RoomId } from '@brygga/event';
import type { NativeMessage } from './outcome.ts';

/**
 * How a person from elsewhere appears. `name` is free of brackets, control and look-alike characters; `label`
 * is what people see: `Anna Svensson (Skatteverket)`. The bracket part is the hub's and cannot be imitated.
 */
export interface Persona {
  readonly network: NetworkId;
  readonly person: PersonId;
  readonly name: string;
  readonly organisation: string;
  readonly label: string;
}

/**
 * One event to be carried out on one link. Native ids are those of *this* link; a missing one means that the
 * message referred to is not there.
 */
export interface Delivery {
  /** Stable over retries and restarts, at most 64 characters of `A-Z a-z 0-9 - _`. */
  readonly key: string;
  readonly room: RoomId;
  readonly link: LinkId;
  readonly channel: ChannelId;
  /** As decided for this link: what it cannot carry is already replaced. Reactions come as `set`. */
  readonly event: Event;
  /** Null: the hub itself speaks. */
  readonly persona: Persona | null;
  /** For edit, delete and reaction: every part of the message meant. */
  readonly target: readonly NativeMessage[];
  readonly replyTo: NativeMessage | null;
  readonly thread: ThreadPlace | null;
  /** For reaction: what of this person's is set on this link now, emoji to native id. */
  readonly reactions: Readonly<Record<string, NativeMessage['id']>>;
  /** How the author of the message meant (target or replyTo) is called on this link. */
  readonly targetAuthor: TargetAuthor | null;
  /** True when an earlier try may have arrived: a `lookup` network is asked before sending again. */
  readonly maybeSent: boolean;
  /** Of a notice by the hub: what became of the message that it answers. */
  readonly status?: MessageStatus;
}

/**
 * late: a link has not got it yet, and will. arrived: it has, late. failed: it never will. A network that can
 * (`messageStatus`) shows it at the message itself, beside the notice.
 */
export type MessageStatus = 'late' | 'arrived' | 'failed';

export interface ThreadPlace {
  readonly root: NativeMessage;
  readonly last: NativeMessage;
}

/** `native` is set when the author is a person of this very network. */
export interface TargetAuthor {
  readonly network: NetworkId;
  readonly person: PersonId;
  readonly native: boolean;
}
