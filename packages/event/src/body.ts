import { NetworkId, PersonId } from './ids.ts';
import { z } from './zod.ts';

/**
 * The body tree: a closed subset of mdast (https://github.com/syntax-tree/mdast) with its GFM extension, plus
 * `mention` and `emoji`. A node not listed here does not exist; raw HTML never occurs.
 */
export const MentionTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('person'), network: NetworkId, person: PersonId }),
  z.strictObject({ kind: z.literal('room') }),
  z.strictObject({ kind: z.literal('channel') }),
]);
/** Whom a mention calls: one person (named in the network the id belongs to), everybody, everybody online. */
export type MentionTarget = z.infer<typeof MentionTarget>;

export interface Text {
  type: 'text';
  value: string;
}
export interface InlineCode {
  type: 'inlineCode';
  value: string;
}
export interface Break {
  type: 'break';
}
export interface Emphasis {
  type: 'emphasis';
  children: Inline[];
}
export interface Strong {
  type: 'strong';
  children: Inline[];
}
export interface Delete {
  type: 'delete';
  children: Inline[];
}
/** `url` is absolute: http, https or mailto. */
export interface Link {
  type: 'link';
  url: string;
  children: Inline[];
}
/** Shows the event's attachment of that index (0-based) inline. */
export interface Image {
  type: 'image';
  attachment: number;
  alt: string;
}
/** `label` is the name as written, without a leading `@`. */
export interface Mention {
  type: 'mention';
  target: MentionTarget;
  label: string;
}
/** A custom emoji by its name (without colons); ordinary ones are text. */
export interface Emoji {
  type: 'emoji';
  name: string;
}

export interface Paragraph {
  type: 'paragraph';
  children: Inline[];
}
export interface Heading {
  type: 'heading';
  depth: 1 | 2 | 3 | 4 | 5 | 6;
  children: Inline[];
}
export interface Blockquote {
  type: 'blockquote';
  children: Block[];
}
export interface Code {
  type: 'code';
  lang: string | null;
  value: string;
}
export interface ListItem {
  type: 'listItem';
  checked: boolean | null;
  children: Block[];
}
export interface List {
  type: 'list';
  ordered: boolean;
  start: number | null;
  children: ListItem[];
}
export interface TableCell {
  type: 'tableCell';
  children: Inline[];
}
export interface TableRow {
  type: 'tableRow';
  children: TableCell[];
}
/** The first row is the header. */
export interface Table {
  type: 'table';
  align: ('left' | 'right' | 'center' | null)[];
  children: TableRow[];
}

export type Inline = Text | InlineCode | Break | Emphasis | Strong | Delete | Link | Image | Mention | Emoji;
export type Block = Paragraph | Heading | Blockquote | Code | List | Table;
export type BodyNode = Inline | Block | ListItem | TableRow | TableCell;
export interface Body {
  type: 'root';
  children: Block[];
}

/** Bounds of a body tree; `overBounds` names the first one exceeded. */
export const BODY_BOUNDS = { depthMax: 40, nodesMax: 20_000, textCharsMax: 400_000 } as const;

const text = z.string();
const inlines = z.array(z.lazy(() => Inline));
const blocks = z.array(z.lazy(() => Block));
const url = z
  .string()
  .max(8192)
  .regex(/^(?:https?:\/\/|mailto:)/i, 'only http, https and mailto links are carried');

const Inline: z.ZodType<Inline> = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text'), value: text }),
    z.strictObject({ type: z.literal('inlineCode'), value: text }),
    z.strictObject({ type: z.literal('break') }),
    z.strictObject({ type: z.literal('emphasis'), children: inlines }),
    z.strictObject({ type: z.literal('strong'), children: inlines }),
    z.strictObject({ type: z.literal('delete'), children: inlines }),
    z.strictObject({ type: z.literal('link'), url, children: inlines }),
    z.strictObject({ type: z.literal('image'), attachment: z.int().min(0).max(1000), alt: text }),
    z.strictObject({ type: z.literal('mention'), target: MentionTarget, label: z.string().max(512) }),
    z.strictObject({ type: z.literal('emoji'), name: z.string().min(1).max(128) }),
  ]),
);

const depth = z.union([1, 2, 3, 4, 5, 6].map((n) => z.literal(n as 1 | 2 | 3 | 4 | 5 | 6)));
const ListItem: z.ZodType<ListItem> = z.lazy(() =>
  z.strictObject({ type: z.literal('listItem'), checked: z.boolean().nullable(), children: blocks }),
);
const TableRow = z.strictObject({
  type: z.literal('tableRow'),
  children: z.array(z.strictObject({ type: z.literal('tableCell'), children: inlines })),
});
const align = z.enum(['left', 'right', 'center']).nullable();

const Block: z.ZodType<Block> = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('paragraph'), children: inlines }),
    z.strictObject({ type: z.literal('heading'), depth, children: inlines }),
    z.strictObject({ type: z.literal('blockquote'), children: blocks }),
    z.strictObject({ type: z.literal('code'), lang: z.string().max(64).nullable(), value: text }),
    z.strictObject({
      type: z.literal('list'),
      ordered: z.boolean(),
      start: z.int().min(0).max(1e9).nullable(),
      children: z.array(ListItem),
    }),
    z.strictObject({ type: z.literal('table'), align: z.array(align), children: z.array(TableRow) }),
  ]),
);

export const Body: z.ZodType<Body> = z.lazy(() =>
  z.strictObject({ type: z.literal('root'), children: blocks }),
);

const childrenOf = (node: Body | BodyNode): readonly BodyNode[] => ('children' in node ? node.children : []);
const charsOf = (node: Body | BodyNode): number => ('value' in node ? node.value.length : 0);

/**
 * Names the first of `BODY_BOUNDS` that the tree exceeds, or null. Walks without recursion, so a tree of any
 * depth is safe to hand in.
 */
export function overBounds(body: Body): keyof typeof BODY_BOUNDS | null {
  let nodes = 0;
  let chars = 0;
  const open: { node: Body | BodyNode; depth: number }[] = [{ node: body, depth: 0 }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at.depth > BODY_BOUNDS.depthMax) return 'depthMax';
    if (++nodes > BODY_BOUNDS.nodesMax) return 'nodesMax';
    chars += charsOf(at.node);
    if (chars > BODY_BOUNDS.textCharsMax) return 'textCharsMax';
    for (const node of childrenOf(at.node)) open.push({ node, depth: at.depth + 1 });
  }
  return null;
}

/** A body of plain paragraphs: an empty line parts paragraphs, a single newline is a break. */
export function plainBody(value: string): Body {
  const paragraphs = value.split(/\n{2,}/).filter((part) => part.trim() !== '');
  return { type: 'root', children: paragraphs.map((part) => ({ type: 'paragraph', children: lines(part) })) };
}

function lines(part: string): Inline[] {
  return part
    .split('\n')
    .flatMap((line, index): Inline[] => [
      ...(index > 0 ? [{ type: 'break' } as const] : []),
      ...textOf(line),
    ]);
}

const textOf = (value: string): Inline[] => (value === '' ? [] : [{ type: 'text', value }]);
