import type { Body } from '@brygga/event';
import type { Root } from 'hast';
import { bounded } from './bounds.ts';
import type { ReadHooks } from './html-hooks.ts';
import { readBlocks } from './html-reader.ts';
import { normalBody } from './normal.ts';

/**
 * The body tree of an HTML tree. White space by the rules of HTML; unknown elements give their content; script,
 * style and such nothing; links other than http, https and mailto become their text; images their `alt`. The
 * result is in normal form (`normalBody`) and within `BODY_BOUNDS`.
 */
export function bodyFromHast(root: Root, hooks: ReadHooks = {}): Body {
  return bounded(normalBody({ type: 'root', children: readBlocks(root.children, hooks) }));
}
