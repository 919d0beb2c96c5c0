import { ANATOMY_LAWS } from './laws/anatomy.ts';
import { DOCUMENT_LAWS } from './laws/documents.ts';
import { EDGE_LAWS } from './laws/edges.ts';
import { IMPORT_LAWS } from './laws/imports.ts';
import { LUA_LAWS } from './laws/lua.ts';
import { MARK_LAWS } from './laws/marks.ts';
import { NAME_LAWS } from './laws/names.ts';
import { SIZE_LAWS } from './laws/size.ts';
import type { Law } from './tree.ts';

/** The laws of the house, in the order of CONTRIBUTING.md. */
export const LAWS: readonly Law[] = [
  ...IMPORT_LAWS,
  ...ANATOMY_LAWS,
  ...SIZE_LAWS,
  ...NAME_LAWS,
  ...EDGE_LAWS,
  ...MARK_LAWS,
  ...LUA_LAWS,
  ...DOCUMENT_LAWS,
];
