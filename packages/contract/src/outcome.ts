import type { NativeId } from '@brygga/event';
import type { Code } from './codes.ts';
import type { Feature } from './manifest.ts';

/**
 * One native message. `id` is what replies, reactions and removals name; `roles` holds its further ids by what
 * the network uses them for. The hub finds the message by any of them and hands all of them back.
 */
export interface NativeMessage {
  readonly id: NativeId;
  readonly roles?: Readonly<Record<string, NativeId>>;
}

/** What a link got less than was meant; counted per feature. */
export type Losses = readonly Feature[];

/**
 * Arrived. `messages`: the parts in order (empty for a removal or a notice that has no id). For an `edit` they
 * are all parts of the edited message as it now stands: the first version's ids, with the ids of the newest
 * version among their `roles`. `reactions`: for a `reaction`, the native id of each emoji now set (networks that
 * have none give the delivery key).
 */
export interface Done {
  readonly kind: 'done';
  readonly messages: readonly NativeMessage[];
  readonly reactions?: Readonly<Record<string, NativeId>>;
  readonly lost?: Losses;
}

/** Did not arrive, and would if tried again. `scope`: what else must wait with it. */
export interface Later {
  readonly kind: 'later';
  readonly code: Code;
  readonly afterMs?: number;
  readonly scope?: 'lane' | 'network';
}

/** Did not arrive and never will. */
export interface Refused {
  readonly kind: 'refused';
  readonly code: Code;
}

/** May have arrived: `send` is called again with `maybeSent`. */
export interface Unsure {
  readonly kind: 'unsure';
  readonly code: Code;
}

export type Outcome = Done | Later | Refused | Unsure;

export const done = (
  messages: readonly NativeMessage[],
  more: Omit<Done, 'kind' | 'messages'> = {},
): Done => ({
  kind: 'done',
  messages,
  ...more,
});
export const later = (code: Code, more: Omit<Later, 'kind' | 'code'> = {}): Later => ({
  kind: 'later',
  code,
  ...more,
});
export const refused = (code: Code): Refused => ({ kind: 'refused', code });
export const unsure = (code: Code): Unsure => ({ kind: 'unsure', code });
