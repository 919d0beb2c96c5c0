import type { Block, Body, Inline, ListItem, MentionTarget, NetworkId, Table, TableRow } from '@brygga/event';
import { personId } from '@brygga/event';
import { bounded, carriedUrl, normalBody } from '@brygga/text';
import { ghostOf } from './ids.ts';
import { type Element, isPlain, type Markup, readMarkup, textIn } from './markup.ts';

/**
 * The body of a message in tincan's markup (see `markup.ts` and the README). `network`: whose people plain ids
 * in mentions are. Any text gives a valid body in normal form.
 */
export function parse(source: string, network: NetworkId): Body {
  if (isPlain(source)) return { type: 'root', children: [{ type: 'paragraph', children: [text(source)] }] };
  return bounded(normalBody({ type: 'root', children: blocks(readMarkup(source), network) }));
}

const text = (value: string): Inline => ({ type: 'text', value });

function blocks(nodes: readonly Markup[], network: NetworkId): Block[] {
  const out: Block[] = [];
  let line: Inline[] = [];
  const flush = (): void => {
    if (line.length > 0) out.push({ type: 'paragraph', children: line });
    line = [];
  };
  for (const node of nodes) {
    const block = typeof node === 'string' ? null : blockOf(node, network);
    if (block !== null) {
      flush();
      out.push(block);
    } else if (typeof node === 'string') {
      for (const [index, part] of node.split(/\n{2,}/).entries()) {
        if (index > 0) flush();
        if (part !== '') line.push(text(part));
      }
    } else {
      line.push(...inlineOf(node, network));
    }
  }
  flush();
  return out;
}

function blockOf({ name, argument, content }: Element, network: NetworkId): Block | null {
  const heading = ([1, 2, 3, 4, 5, 6] as const).find((depth) => name === `h${depth}`);
  if (heading !== undefined) return { type: 'heading', depth: heading, children: inlines(content, network) };
  switch (name) {
    case 'p':
      return { type: 'paragraph', children: inlines(content, network) };
    case 'q':
      return { type: 'blockquote', children: blocks(content, network) };
    case 'pre':
      return { type: 'code', lang: argument === '' ? null : argument.slice(0, 64), value: textIn(content) };
    case 'ul':
    case 'ol':
      return list(name === 'ol', argument, content, network);
    case 'table':
      return table(argument, content, network);
    default:
      return null;
  }
}

function list(ordered: boolean, argument: string, content: readonly Markup[], network: NetworkId): Block {
  const items = content.filter((node) => typeof node !== 'string').filter(({ name }) => name === 'li');
  const children = items.map(
    (item): ListItem => ({
      type: 'listItem',
      checked: item.argument === 'x' ? true : item.argument === 'o' ? false : null,
      children: blocks(item.content, network),
    }),
  );
  const start = ordered && /^\d{1,9}$/.test(argument) ? Number(argument) : null;
  return { type: 'list', ordered, start, children };
}

const ALIGN: Readonly<Record<string, Table['align'][number]>> = { l: 'left', r: 'right', c: 'center' };

function table(argument: string, content: readonly Markup[], network: NetworkId): Block {
  const named = (nodes: readonly Markup[], wanted: string): Element[] =>
    nodes.filter((node) => typeof node !== 'string').filter(({ name }) => name === wanted);
  const children = named(content, 'tr').map(
    (row): TableRow => ({
      type: 'tableRow',
      children: named(row.content, 'td').map((cell) => ({
        type: 'tableCell',
        children: inlines(cell.content, network),
      })),
    }),
  );
  return { type: 'table', align: Array.from(argument, (letter) => ALIGN[letter] ?? null), children };
}

const inlines = (nodes: readonly Markup[], network: NetworkId): Inline[] =>
  nodes.flatMap((node) => (typeof node === 'string' ? [text(node)] : inlineOf(node, network)));

function inlineOf(node: Element, network: NetworkId): Inline[] {
  const { name, argument, content } = node;
  switch (name) {
    case 'b':
      return [{ type: 'strong', children: inlines(content, network) }];
    case 'i':
      return [{ type: 'emphasis', children: inlines(content, network) }];
    case 's':
      return [{ type: 'delete', children: inlines(content, network) }];
    case 'c':
      return [{ type: 'inlineCode', value: textIn(content) }];
    case 'n':
      return [{ type: 'break' }];
    case 'l':
      return link(argument, inlines(content, network));
    case ':':
      return /^[^:\s]{1,128}$/.test(argument) ? [{ type: 'emoji', name: argument }] : [];
    case '!':
      return /^\d{1,3}$/.test(argument)
        ? [{ type: 'image', attachment: Number(argument), alt: textIn(content) }]
        : [text(textIn(content))];
    default:
      return mention(node, network) ?? inlines(content, network);
  }
}

function link(argument: string, children: Inline[]): Inline[] {
  const url = carriedUrl(argument);
  return url === null
    ? children
    : [{ type: 'link', url, children: children.length === 0 ? [text(url)] : children }];
}

function mention({ name, argument, content }: Element, network: NetworkId): Inline[] | null {
  const target = targetOf(name, argument, network);
  return target === null ? null : [{ type: 'mention', target, label: textIn(content).slice(0, 512) }];
}

function targetOf(name: string, argument: string, network: NetworkId): MentionTarget | null {
  if (name === '@@') return { kind: 'room' };
  if (name === '@#') return { kind: 'channel' };
  if (name !== '@' || argument === '' || argument.length > 1024) return null;
  return { kind: 'person', network, person: personId(argument), ...ghostOf(argument) };
}
