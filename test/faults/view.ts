import { isBridged, type TincanChannel } from '@brygga/tincan';

/** A message as its channel shows it in the end. */
export interface Shown {
  readonly id: string;
  /** Null: no message of the script, but a word of the hub's. */
  readonly word: string | null;
  readonly by: string;
  /** Whether somebody of that network wrote it. */
  readonly native: boolean;
  readonly text: string;
  readonly removed: boolean;
  readonly replyTo: string | null;
  /** Person to what they reacted with. */
  readonly reactions: ReadonlyMap<string, readonly string[]>;
}

/** The word of the script in a text. */
export const wordOf = (text: string): string | null => /\bw\d+\b/.exec(text)?.[0] ?? null;

/** All messages of a channel in the order in which they came, as they stand now. */
export function shown(channel: TincanChannel): Shown[] {
  return channel.after(0, Number.MAX_SAFE_INTEGER).flatMap(({ what }): Shown[] => {
    if (what.kind !== 'message') return [];
    const { id, by, text, replyTo } = what.message;
    const now = channel.message(id) ?? what.message;
    return [
      {
        id,
        word: wordOf(text),
        by,
        native: !isBridged(by),
        text: now.text,
        removed: now.removed,
        replyTo,
        reactions: now.reactions,
      },
    ];
  });
}
