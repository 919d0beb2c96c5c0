import type { Feature } from '@brygga/contract';
import type { Block, Body, Heading, Inline, List, Mention, Table } from '@brygga/event';
import { features, plainText } from '@brygga/text';
import { FENCE, isSpace, JOINER, type MARKS, type MarkSign, type Sign, styledBlocks } from './styling.ts';

/** A body in the words of XMPP. `unstyled`: signs in the text mean themselves (XEP-0393 §8). */
export interface Rendered {
  readonly text: string;
  readonly unstyled: boolean;
  readonly lost: readonly Feature[];
  /** The mentions as they are written, in order. */
  readonly mentions: readonly { readonly text: string; readonly mention: Mention }[];
}

/** How a mention is written: the nick of a person who is here, else the name. */
export type MentionText = (mention: Mention) => string;

const STYLED: ReadonlySet<string> = new Set([
  'strong',
  'emphasis',
  'strike',
  'inlineCode',
  'codeBlock',
  'quote',
  'heading',
  'table',
]);

/** Writes a body with Message Styling (XEP-0393), and says what of it XMPP could not take. */
export function render(body: Body, mentionText: MentionText): Rendered {
  const styled = features(body).some((feature) => STYLED.has(feature));
  const writer = new Writer(mentionText, styled);
  const text = writer.blocks(body.children, true);
  return {
    text,
    unstyled: !styled && hasStyle(text),
    lost: [...writer.lost],
    mentions: writer.mentions,
  };
}

/** Whether a client would style a text that is meant as it stands. */
const hasStyle = (text: string): boolean =>
  styledBlocks(text).some(
    (block) =>
      block.type !== 'paragraph' ||
      block.children.some((node) => node.type !== 'text' && node.type !== 'break'),
  );

const SIGN_OF = { strong: '*', emphasis: '_', delete: '~' } as const satisfies Record<
  (typeof MARKS)[MarkSign],
  MarkSign
>;
const FEATURE_OF = { strong: 'strong', emphasis: 'emphasis', delete: 'strike' } as const;

/** What stands before the next sign: text, or the opening sign of the span it is in. */
interface Place {
  readonly before: string;
  readonly open: string;
}

class Writer {
  readonly lost = new Set<Feature>();
  readonly mentions: { text: string; mention: Mention }[] = [];
  readonly #mentionText: MentionText;
  readonly #styled: boolean;

  constructor(mentionText: MentionText, styled: boolean) {
    this.#mentionText = mentionText;
    this.#styled = styled;
  }

  blocks(blocks: readonly Block[], spaced: boolean): string {
    let out = '';
    for (const [index, block] of blocks.entries()) {
      const before = blocks[index - 1];
      if (before !== undefined) out += gap(before, block, spaced);
      out += this.#block(block);
    }
    return out;
  }

  #block(block: Block): string {
    switch (block.type) {
      case 'paragraph':
        return this.#lines(this.#inlines(block.children, ''));
      case 'heading':
        return this.#heading(block);
      case 'code':
        return this.#code(block.lang, block.value);
      case 'blockquote':
        return prefixed(this.blocks(block.children, true), '>');
      case 'list':
        return this.#list(block);
      case 'table':
        return this.#table(block);
    }
  }

  /** A line that would begin a block is kept from it. */
  #lines(text: string): string {
    if (!this.#styled) return text;
    return text
      .split('\n')
      .map((line) => (line.startsWith('>') || line.startsWith(FENCE) ? JOINER + line : line))
      .join('\n');
  }

  #heading(heading: Heading): string {
    this.lost.add('heading');
    const children: Inline[] = [{ type: 'strong', children: withoutStrong(heading.children) }];
    return this.#lines(this.#inlines(children, ''));
  }

  #code(lang: string | null, value: string): string {
    const lines = value.split('\n').map((line) => (line.startsWith(FENCE) ? JOINER + line : line));
    const word = lang !== null && /^[\w+#.-]+$/.test(lang) ? lang : '';
    return [FENCE + word, ...lines, FENCE].join('\n');
  }

  #list(list: List): string {
    this.lost.add('list');
    return list.children
      .map((item, index) => {
        const box = item.checked === null ? '' : item.checked ? '☑ ' : '☐ ';
        const marker = list.ordered ? `${(list.start ?? 1) + index}. ` : '- ';
        const lines = this.blocks(item.children, false).split('\n');
        return lines.map((line, at) => (at === 0 ? marker + box + line : `  ${line}`)).join('\n');
      })
      .join('\n');
  }

  #table(table: Table): string {
    this.lost.add('table');
    return this.#code(null, plainText({ type: 'root', children: [table] }));
  }

  #inlines(nodes: readonly Inline[], open: string, before = ''): string {
    let out = '';
    for (const node of nodes) out += this.#inline(node, { before: out === '' ? before : out, open });
    return out;
  }

  #inline(node: Inline, place: Place): string {
    switch (node.type) {
      case 'text':
        return this.#text(node.value, place);
      case 'break':
        return '\n';
      case 'strong':
      case 'emphasis':
      case 'delete':
        return this.#span(node, place);
      case 'inlineCode':
        return this.#inlineCode(node.value, place);
      case 'link':
        return this.#link(node, place);
      case 'image':
        return this.#text(node.alt, place);
      case 'mention':
        return this.#mention(node, place);
      case 'emoji':
        this.lost.add('customEmoji');
        return `:${node.name}:`;
    }
  }

  /** Signs that would begin a span are kept from it by an invisible joiner before them. */
  #text(value: string, place: Place): string {
    if (!this.#styled) return value;
    const before = place.before.at(-1) ?? '';
    let out = '';
    for (let at = 0; at < value.length; at++) {
      const unit = value[at] ?? '';
      const last = out === '' ? before : out.at(-1);
      const begins = (isSpace(last) || last === '\n') && !isSpace(value[at + 1] ?? 'x');
      out += '*_~`'.includes(unit) && begins ? JOINER + unit : unit;
    }
    return out;
  }

  #mention(node: Mention, place: Place): string {
    if (node.target.kind !== 'person') this.lost.add('mentionRoom');
    const text = this.#mentionText(node);
    this.mentions.push({ text, mention: node });
    return this.#text(text, place);
  }

  #link(node: Extract<Inline, { type: 'link' }>, place: Place): string {
    const label = this.#inlines(node.children, place.open, place.before);
    const words = plainText({ type: 'root', children: [{ type: 'paragraph', children: [node] }] });
    if (label.trim() === '') return node.url;
    // plainText leaves the address out where the label says it already.
    if (words === label || !words.endsWith(`(${node.url})`)) {
      return label === node.url ? label : this.#sameLink(node.url, label);
    }
    this.lost.add('link');
    return `${label} (${node.url})`;
  }

  /** A label that is the address but for its scheme: the address itself can be followed. */
  #sameLink(url: string, label: string): string {
    return /^https?:/i.test(url) ? url : label;
  }

  #inlineCode(value: string, place: Place): string {
    const [lead, core, trail] = trimmed(value);
    const before = place.before + lead;
    if (core === '' || core.includes('`') || core.includes('\n') || !mayOpen(before, place.open, '`')) {
      this.lost.add('inlineCode');
      return this.#text(value, place);
    }
    return `${lead}\`${core}\`${trail}`;
  }

  #span(node: Extract<Inline, { type: 'strong' | 'emphasis' | 'delete' }>, place: Place): string {
    const sign = SIGN_OF[node.type];
    const plain = (): string => {
      this.lost.add(FEATURE_OF[node.type]);
      return this.#inlines(node.children, place.open, place.before);
    };
    if (place.open.includes(sign)) return this.#inlines(node.children, place.open, place.before);
    const kept = this.mentions.length;
    const inner = this.#inlines(node.children, place.open + sign);
    const lines = inner.split('\n').map((line) => trimmed(line));
    const fits = lines.every(([lead, core], index) => {
      const before = index === 0 ? place.before + lead : lead === '' ? '\n' : lead;
      return core === '' || (!core.includes(sign) && mayOpen(before, place.open, sign));
    });
    if (!fits || lines.every(([, core]) => core === '')) {
      this.mentions.length = kept;
      return plain();
    }
    return lines
      .map(([lead, core, trail]) => (core === '' ? lead : `${lead}${sign}${core}${sign}${trail}`))
      .join('\n');
  }
}

/** Whether a sign can begin a span behind `before`, inside the spans `open`. */
function mayOpen(before: string, open: string, sign: Sign): boolean {
  const last = before.at(-1);
  if (last === undefined) return !open.endsWith(sign);
  return isSpace(last);
}

const trimmed = (text: string): [string, string, string] => {
  const core = text.trim();
  const at = text.indexOf(core);
  return core === '' ? [text, '', ''] : [text.slice(0, at), core, text.slice(at + core.length)];
};

/** An empty line parts what would run together; code and quotes part themselves. */
function gap(before: Block, after: Block, spaced: boolean): string {
  const self = (block: Block): boolean =>
    block.type === 'code' || block.type === 'table' || block.type === 'blockquote';
  if (before.type === 'blockquote' && after.type === 'blockquote') return '\n\n';
  return self(before) || self(after) || !spaced ? '\n' : '\n\n';
}

const prefixed = (text: string, prefix: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? prefix : `${prefix} ${line}`))
    .join('\n');

const withoutStrong = (nodes: readonly Inline[]): Inline[] =>
  nodes.flatMap((node): Inline[] => {
    if (node.type === 'strong') return withoutStrong(node.children);
    if (node.type === 'emphasis' || node.type === 'delete' || node.type === 'link') {
      return [{ ...node, children: withoutStrong(node.children) }];
    }
    return [node];
  });
