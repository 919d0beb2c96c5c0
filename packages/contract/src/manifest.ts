/**
 * What a network can carry, as data. The conformance suite, the README table, the loss statement of a room and
 * the degrade step all read the same manifest.
 */
export const FEATURES = [
  'strong',
  'emphasis',
  'strike',
  'inlineCode',
  'codeBlock',
  'quote',
  'list',
  'heading',
  'link',
  'table',
  'customEmoji',
  'emote',
  'notice',
  'mentionPerson',
  'mentionRoom',
  'message',
  'reply',
  'thread',
  'edit',
  'deleteOwn',
  'deleteByModerator',
  'reaction',
  'attachment',
  'membership',
  'channelName',
  'channelTopic',
  'typing',
  'read',
  'personName',
  'messageStatus',
  'originalTime',
] as const;
export type Feature = (typeof FEATURES)[number];

/**
 * full: arrives as meant. partial: arrives with a limit the note names. fallback: carried in a readable other
 * form. dropped: not carried, counted. refused: not carried, and the sender is told.
 */
export const GRADES = ['full', 'partial', 'fallback', 'dropped', 'refused'] as const;
export type Grade = (typeof GRADES)[number];

/** `in`: network to hub. `out`: hub to network. `note`: one sentence, demanded for everything but `full`. */
export interface Capability {
  readonly in: Grade;
  readonly out: Grade;
  readonly note?: string;
}

export interface Limits {
  /** Bytes of UTF-8 text one native message can take; longer text is split into parts by the bridge. */
  readonly textBytes: number;
  /** Parts one hub message may become; past that the rest is cut with a note. */
  readonly partsMax: number;
  /** Age in ms up to which the network lets a message be edited; null: no limit. */
  readonly editAgeMs: number | null;
  readonly fileBytes: number;
  /** Which reactions the network takes. */
  readonly reactions: 'any' | 'unicode';
  /**
   * Deliveries of one lane that may be under way at once. Above 1 only when the network itself keeps their
   * order and a failure of one means failure of the later ones: the hub fills the window with `message`s only.
   * Those behind one that was refused may be done; the others, `later` without a time, are sent anew at once.
   */
  readonly sendWindow: number;
  /** Whose messages may share a window: those of one person in a row, or anybody's. */
  readonly sendWindowOf: 'person' | 'anybody';
  /** ms after which a `send` that has not answered is aborted and counts as `unsure`. */
  readonly sendTimeoutMs: number;
}

export interface Specification {
  /** `XEP-0045`, `client-server API`. */
  readonly id: string;
  readonly version: string;
}

export interface Manifest {
  readonly protocol: string;
  readonly title: string;
  readonly specifications: readonly Specification[];
  readonly features: Readonly<Record<Feature, Capability>>;
  readonly limits: Limits;
  /**
   * How a delivery whose outcome is not known is made safe. key: sending again with the same delivery key
   * gives the first message. lookup: `send` with `maybeSent` looks the message up before it sends.
   */
  readonly idempotency: 'key' | 'lookup';
  /** How remote people appear: a user each, a name set per message, or a bold name line in the text. */
  readonly people: 'ghosts' | 'perMessage' | 'nameLine';
}

const both = (in_: Grade, out: Grade, note: string | undefined): Capability =>
  note === undefined ? { in: in_, out } : { in: in_, out, note };

/** Short makers, so that a manifest reads as a table. */
export const full = (): Capability => both('full', 'full', undefined);
export const graded = (in_: Grade, out: Grade, note: string): Capability => both(in_, out, note);
