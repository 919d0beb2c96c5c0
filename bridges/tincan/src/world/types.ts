/** What the invented network knows, in its own words: ids are plain strings, text is its own markup. */

export interface TincanFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
}

export interface TincanMessage {
  readonly id: string;
  readonly by: string;
  readonly at: number;
  /** Markup; see `parse.ts`. Empty once removed. */
  readonly text: string;
  readonly style: 'text' | 'emote' | 'notice';
  readonly files: readonly TincanFile[];
  readonly replyTo: string | null;
  readonly thread: string | null;
  /** Hubs it came through: every client may write it, every client gets it. */
  readonly via: readonly string[];
  /** What the sender called it, to find it again; null when they did not. */
  readonly tag: string | null;
  readonly edits: number;
  readonly removed: boolean;
  /** Person to what they reacted with. */
  readonly reactions: ReadonlyMap<string, readonly string[]>;
}

/** What a writer hands in. */
export interface TincanDraft {
  readonly text: string;
  readonly style?: TincanMessage['style'];
  readonly files?: readonly TincanFile[];
  readonly replyTo?: string | null;
  readonly thread?: string | null;
  readonly tag?: string | null;
  /** A second draft under the same key gives the first message. */
  readonly key?: string | null;
}

/** On whose behalf something is done. `label`: the name to be shown, kept from then on. */
export interface TincanActor {
  readonly id: string;
  readonly label?: string;
  readonly via?: readonly string[];
}

/** Something that happened in a channel; `seq` counts up by one. */
export interface TincanChange {
  readonly seq: number;
  readonly at: number;
  readonly by: TincanPerson;
  readonly via: readonly string[];
  readonly what: TincanDeed;
}

export type TincanDeed =
  | { readonly kind: 'message'; readonly message: TincanMessage }
  | {
      readonly kind: 'edit';
      readonly id: string;
      readonly text: string;
      readonly style: TincanMessage['style'];
      readonly edits: number;
    }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'react'; readonly id: string; readonly emoji: readonly string[] }
  | {
      readonly kind: 'member';
      readonly change: 'join' | 'leave' | 'kick' | 'ban' | 'rename';
      readonly person: TincanPerson;
      readonly before?: string;
    }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'topic'; readonly topic: string };

/** Passes by and is not kept. */
export type TincanSignal =
  | { readonly kind: 'typing'; readonly channel: string; readonly by: string; readonly active: boolean }
  | { readonly kind: 'read'; readonly channel: string; readonly by: string; readonly id: string };

export interface TincanPerson {
  readonly id: string;
  readonly label: string;
  readonly kind: 'person' | 'bot' | 'moderator';
}

/** Why the network did not do what it was asked to. */
export type TincanTrouble =
  | 'down'
  | 'lost'
  | 'aborted'
  | 'throttled'
  | 'internal'
  | 'password'
  | 'forbidden'
  | 'banned'
  | 'noChannel'
  | 'noMessage'
  | 'tooLarge'
  | 'empty';

/** The network's "no". `afterMs`: when it is throttled, how long to keep away. */
export class TincanError extends Error {
  override readonly name = 'TincanError';
  readonly trouble: TincanTrouble;
  readonly afterMs: number | undefined;

  constructor(trouble: TincanTrouble, afterMs?: number) {
    super(trouble);
    this.trouble = trouble;
    this.afterMs = afterMs;
  }
}
