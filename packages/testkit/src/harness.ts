import type { Bridge, Feature, Manifest } from '@brygga/contract';
import type { ChannelId, NativeId, PersonId } from '@brygga/event';
import type { FakeContext } from './fake-context.ts';

/**
 * What a bridge's tests hand to `conformance`: its manifest, and how to make one network with people in it.
 * The suite picks its cases by the manifest.
 */
export interface Harness {
  /** Stands in the name of the suite: `<protocol>, simulator`. */
  readonly name: string;
  readonly manifest: Manifest;
  /** A network of its own for one case, up, with one channel in which the people already are. */
  make(): Promise<Instance>;
  /**
   * Cases left out, by name, each with a reason of at least a sentence. A name that does not exist, or a reason
   * that says nothing, fails the suite.
   */
  readonly skips?: Readonly<Record<string, string>>;
  /** How long one thing may take to arrive; usual: 3000. Real servers need more. */
  readonly patienceMs?: number;
  /** Longest time of one case; usual: ten times the patience. */
  readonly caseMs?: number;
}

/** One network under test. Made by `Harness.make`, used by one case, then closed. */
export interface Instance {
  readonly ctx: FakeContext;
  readonly channel: ChannelId;
  /** People of this network; they write through its own client API, never through the bridge. */
  readonly actors: readonly [NativeActor, NativeActor, ...NativeActor[]];
  /** One who may remove what others wrote; needed where the manifest takes `deleteByModerator` in. */
  readonly moderator?: NativeActor;
  /**
   * A bridge object, neither open nor attached, as a process that starts has it. The suite calls this once, and
   * again to play a restart (the earlier one is closed by then). Where the bridge has `http`, the harness
   * mounts it here in place of the earlier one's.
   */
  create(): Bridge;
  /** What a native person's client shows of the channel, oldest first, all people's messages. */
  readHistory(): Promise<readonly SeenMessage[]>;
  /** Name and topic as a native person sees them; needed for `channelName` and `channelTopic` out. */
  readChannel?(): Promise<{ readonly name?: string; readonly topic?: string }>;
  /** Labels of remote people a native person sees typing now; needed for `typing` out. */
  readTyping?(): Promise<readonly string[]>;
  /** Cuts the network off from the bridge. Needed unless skipped. */
  readonly outage?: Outage;
  /**
   * The next message the bridge sends is carried out by the network, but its answer never comes. Where it can
   * be arranged: the sharpest test of idempotency.
   */
  loseNextAnswer?(): void;
  close(): Promise<void>;
}

export interface Outage {
  /** From now on the bridge reaches nothing, and what it had open is broken. Native people carry on. */
  down(): Promise<void>;
  up(): Promise<void>;
}

/** A message as its network names it: the id that replies and reactions of native people use. */
export interface NativeRef {
  readonly id: NativeId;
}

/** What `sayWith` writes: features that are part of one message. */
export type SayFeature = Extract<
  Feature,
  | 'strong'
  | 'emphasis'
  | 'strike'
  | 'inlineCode'
  | 'codeBlock'
  | 'quote'
  | 'list'
  | 'heading'
  | 'link'
  | 'table'
  | 'customEmoji'
  | 'emote'
  | 'notice'
  | 'mentionPerson'
  | 'mentionRoom'
  | 'attachment'
>;

/**
 * A native person. Each call resolves when the network has taken it. A method is needed where the manifest's
 * `in` grade of its feature is `full` or `partial`.
 */
export interface NativeActor {
  /** As the bridge is to name them in `sender.nativeId`. */
  readonly person: PersonId;
  /** As the bridge is to name them in `sender.displayName`. */
  readonly displayName: string;
  /** Writes exactly these letters: nothing in them is markup to a reader. */
  say(text: string, about?: { replyTo?: NativeRef; thread?: NativeRef }): Promise<NativeRef>;
  /**
   * Writes `word` (one word of letters) in a message that uses the feature, as a client of this network does. A
   * link is `word` leading to `https://example.org/`; `customEmoji` is an emoji whose name is `word`;
   * `mentionPerson` mentions `actors[1]` beside the word; `attachment` is a file `word.txt`.
   */
  sayWith(feature: SayFeature, word: string): Promise<NativeRef>;
  edit?(message: NativeRef, text: string): Promise<void>;
  remove?(message: NativeRef): Promise<void>;
  /** Sets or takes back one reaction of this person, others of theirs staying. */
  react?(message: NativeRef, emoji: string, on: boolean): Promise<void>;
  type?(active: boolean): Promise<void>;
  read?(message: NativeRef): Promise<void>;
  setTopic?(topic: string): Promise<void>;
  setName?(name: string): Promise<void>;
  leave?(): Promise<void>;
  join?(): Promise<void>;
}

/** A message as a native person's client shows it. */
export interface SeenMessage {
  /** Every id by which the bridge may name it in an outcome (`id` or a role). */
  readonly ids: readonly NativeId[];
  /** The name shown above it. Where names are part of the text (`people: 'nameLine'`): that name. */
  readonly author: string;
  /** The words shown, markup rendered away, as they stand after the last edit. */
  readonly text: string;
  /** Formatting and mentions shown, by the manifest's names. */
  readonly features: readonly string[];
  readonly edited: boolean;
  /** A removed message may also be missing. */
  readonly deleted: boolean;
  /** Emoji to the names of those who reacted. */
  readonly reactions: Readonly<Record<string, readonly string[]>>;
  /** Some id of the message it answers. */
  readonly replyTo: NativeId | null;
  /** Some id of the message its thread hangs on. */
  readonly thread: NativeId | null;
}
