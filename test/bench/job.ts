/** What the command asks of a process of its own, and what that answers. */

/** Where the measuring happens and how long. `seconds`: of one window, after a warm-up. */
interface Common {
  readonly redis: string;
  readonly seconds: number;
}

/** Rooms, each with a channel on every network. */
interface House extends Common {
  readonly rooms: number;
}

export type Job =
  | ({ readonly kind: 'streams' } & Common)
  | ({
      readonly kind: 'jobs-rate';
      readonly concurrencies: readonly number[];
      readonly jobs: number;
    } & Common)
  | ({ readonly kind: 'jobs-idle'; readonly samples: number } & Common)
  | ({ readonly kind: 'hub-rate'; readonly underWay: number } & House)
  | ({ readonly kind: 'hub-idle'; readonly samples: number } & House)
  | ({ readonly kind: 'hub-cost'; readonly perSecond: number } & House)
  | ({ readonly kind: 'hub-neighbours'; readonly perSecond: number; readonly flood: number } & House)
  | ({ readonly kind: 'hub-memory'; readonly underWay: number; readonly messages: number } & House)
  | ({
      readonly kind: 'real';
      readonly between: 'alone' | 'xmpp' | 'matrix';
      readonly samples: number;
      readonly underWay: number;
    } & House);

export type JobOf<K extends Job['kind']> = Extract<Job, { readonly kind: K }>;

/** Figures by name; units stand in the names. */
export type Figures = Readonly<Record<string, number>>;

/** What the process says while it works and when it is done. */
export type Word =
  | { readonly word: 'progress'; readonly line: string }
  | { readonly word: 'done'; readonly figures: Figures }
  | { readonly word: 'wrong'; readonly reason: string };

/** Receives one line about what is being done now. */
export type Tell = (line: string) => void;

/** Something arrived twice, out of order, not at all, or the hub complained: the figures are worth nothing. */
export class Wrong extends Error {
  override readonly name = 'Wrong';
}

/** What every message says, and the payload of every job and stream entry: figures are for the same text. */
export const TEXT = 'The quick brown fox jumps over the lazy dog, and then again. '.repeat(4).trim();
