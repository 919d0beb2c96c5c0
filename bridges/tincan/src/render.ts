import type { Feature } from '@brygga/contract';
import type { Block, Body, Inline, List, Mention, NetworkId, Table } from '@brygga/event';
import { normalBody, plainText } from '@brygga/text';
import { ghostId } from './ids.ts';
import { element, escaped, isPlain } from './markup.ts';

export interface Rendered {
  readonly text: string;
  /** What the text does not show as meant. */
  readonly lost: readonly Feature[];
}

/** For whom is rendered. `lacking`: features to be written in a fallback. */
export interface Dialect {
  readonly network: NetworkId;
  readonly lacking: ReadonlySet<Feature>;
}

/** The tincan markup of a body, and what was lost: the counterpart of `parse`. */
export function render(body: Body, dialect: Dialect): Rendered {
  const only = body.children.length === 1 ? body.children[0] : undefined;
  const word = only?.type === 'paragraph' && only.children.length === 1 ? only.children[0] : undefined;
  if (word?.type === 'text' && isPlain(word.value)) return { text: word.value, lost: [] };
  const writer = new Writer(dialect);
  const text = writer.blocks(normalBody(body).children);
  return { text, lost: [...writer.lost] };
}

/** What `parse` takes for the name of an emoji. */
const EMOJI_NAME = /^[^:\s]{1,128}$/;

class Writer {
  readonly lost = new Set<Feature>();
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  blocks(blocks: readonly Block[]): string {
    return blocks.map((block) => this.#block(block)).join('\n\n');
  }

  /** Whether the feature must be written otherwise; then it counts as lost. */
  #lacks(feature: Feature): boolean {
    if (!this.#dialect.lacking.has(feature)) return false;
    this.lost.add(feature);
    return true;
  }

  #block(block: Block): string {
    switch (block.type) {
      case 'paragraph':
        return this.#inlines(block.children);
      case 'heading':
        return this.#lacks('heading')
          ? this.#inlines(block.children)
          : element(`h${block.depth}`, '', this.#inlines(block.children));
      case 'blockquote':
        return this.#lacks('quote') ? this.#asPlain(block) : element('q', '', this.blocks(block.children));
      case 'code':
        return this.#lacks('codeBlock')
          ? escaped(block.value)
          : element('pre', block.lang ?? '', escaped(block.value));
      case 'list':
        return this.#lacks('list') ? this.#asPlain(block) : this.#list(block);
      case 'table':
        return this.#lacks('table') ? this.#tableAsCode(block) : this.#table(block);
    }
  }

  /** The plain rendering of `packages/text`; whatever it held beside the text is lost with it. */
  #asPlain(block: Block): string {
    return escaped(plainText({ type: 'root', children: [block] }));
  }

  #tableAsCode(table: Table): string {
    return this.#block({ type: 'code', lang: null, value: plainText({ type: 'root', children: [table] }) });
  }

  #list(list: List): string {
    const items = list.children.map((item) => {
      const box = item.checked === null ? '' : item.checked ? 'x' : 'o';
      return element('li', box, this.blocks(item.children));
    });
    return element(list.ordered ? 'ol' : 'ul', list.start === null ? '' : String(list.start), items.join(''));
  }

  #table(table: Table): string {
    const rows = table.children.map((row) =>
      element('tr', '', row.children.map((cell) => element('td', '', this.#inlines(cell.children))).join('')),
    );
    return element('table', table.align.map((align) => align?.slice(0, 1) ?? '-').join(''), rows.join(''));
  }

  #inlines(nodes: readonly Inline[]): string {
    return nodes
      .map((node, at) => {
        // Two line ends in a row would begin a paragraph.
        const beside = nodes[at - 1]?.type === 'break' || nodes[at + 1]?.type === 'break';
        return node.type === 'break' && beside ? element('n', '', '') : this.#inline(node);
      })
      .join('');
  }

  #inline(node: Inline): string {
    switch (node.type) {
      case 'text':
        return escaped(node.value);
      case 'break':
        return '\n';
      case 'inlineCode':
        return this.#lacks('inlineCode') ? escaped(node.value) : element('c', '', escaped(node.value));
      case 'strong':
        return this.#mark('strong', 'b', node.children);
      case 'emphasis':
        return this.#mark('emphasis', 'i', node.children);
      case 'delete':
        return this.#mark('strike', 's', node.children);
      case 'link':
        if (this.#lacks('link')) return escaped(plainText(paragraph(node)));
        return element('l', node.url, this.#inlines(node.children));
      case 'emoji':
        if (this.#lacks('customEmoji') || !EMOJI_NAME.test(node.name)) return escaped(`:${node.name}:`);
        return element(':', node.name, '');
      case 'mention':
        return this.#mention(node);
      case 'image':
        return this.#lacks('attachment')
          ? escaped(node.alt)
          : element('!', String(node.attachment), escaped(node.alt));
    }
  }

  #mark(feature: Feature, name: string, children: readonly Inline[]): string {
    const inner = this.#inlines(children);
    return this.#lacks(feature) ? inner : element(name, '', inner);
  }

  #mention({ target, label }: Mention): string {
    if (target.kind !== 'person') {
      if (this.#lacks('mentionRoom')) return escaped(label);
      return element(target.kind === 'room' ? '@@' : '@#', '', escaped(label));
    }
    if (this.#lacks('mentionPerson')) return escaped(`@${label}`);
    const own = target.network === this.#dialect.network;
    return element('@', own ? target.person : ghostId(target.network, target.person), escaped(label));
  }
}

const paragraph = (node: Inline): Body => ({
  type: 'root',
  children: [{ type: 'paragraph', children: [node] }],
});
