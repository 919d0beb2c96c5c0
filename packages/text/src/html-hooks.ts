import type { Block, Inline } from '@brygga/event';
import type { Element } from 'hast';

/** What stands within an element, for a hook that wraps or replaces it. */
export interface Inner {
  /** The content as inline nodes; blocks in it become lines. */
  inlines(): Inline[];
  /** The content as blocks; loose text becomes paragraphs. */
  blocks(): Block[];
  /** All text in it, as written. */
  text(): string;
}

/** Nodes of one sort or both mixed; or: convert the children as if the tag were not there; or nothing at all. */
export type Converted = readonly (Inline | Block)[] | 'children' | 'drop';

/** Where a dialect of HTML differs from the usual. A hook that gives `undefined` leaves it to the usual. */
export interface ReadHooks {
  element?(element: Element, inner: Inner): Converted | undefined;
  /** What a link with this address stands for when it is no plain link: mostly a mention. */
  link?(href: string, label: string): Inline | undefined;
}
