import type { Block, Inline } from '@brygga/event';
import { isBlock } from './lines.ts';
import { inlinesOf, type Leaf, type Mark, type Run, runsOf } from './runs.ts';

/** Gathers what is read of HTML into blocks: knows white space, line ends, open marks; knows no elements. */
export class Lines {
  readonly #blocks: Block[] = [];
  #runs: Run[] = [];
  #marks: readonly Mark[] = [];
  /** Whether a space written now would not show: at the beginning of a line, or behind another. */
  #spaceless = true;
  /** A block that is only a line (`div`) ended: what follows begins on a new one. */
  #lineDue = false;

  /** Text with white space by the rules of HTML. */
  text(raw: string): void {
    const value = raw.replace(/[ \t\n\r\f]+/g, ' ');
    const shown = this.#spaceless && value.startsWith(' ') ? value.slice(1) : value;
    if (shown !== '') this.leaf({ type: 'text', value: shown });
  }

  leaf(leaf: Leaf): void {
    if (this.#lineDue) {
      this.#lineDue = false;
      this.#runs.push({ leaf: { type: 'break' }, marks: [] });
    }
    this.#runs.push({ leaf, marks: this.#marks });
    this.#spaceless = leaf.type === 'break' || (leaf.type === 'text' && leaf.value.endsWith(' '));
  }

  /** What follows begins on a line of its own. */
  line(): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && last.leaf.type !== 'break') this.#lineDue = true;
    this.#spaceless = true;
  }

  /** Ends the paragraph. */
  flush(): void {
    const children = inlinesOf(this.#runs);
    this.#runs = [];
    this.#lineDue = false;
    this.#spaceless = true;
    if (children.length > 0) this.#blocks.push({ type: 'paragraph', children });
  }

  block(block: Block): void {
    this.flush();
    this.#blocks.push(block);
  }

  /** A finished node; the marks within it stand within those that are open. */
  node(node: Inline | Block): void {
    if (isBlock(node)) this.block(node);
    else this.#inline(node);
  }

  #inline(node: Inline): void {
    const around = this.#marks;
    for (const { leaf, marks } of runsOf([node])) {
      this.#marks = [...around, ...marks.filter((mark) => !has(around, mark))];
      this.leaf(leaf);
    }
    this.#marks = around;
  }

  /** Whatever `read` adds stands within the mark. */
  within(mark: Mark, read: () => void): void {
    const around = this.#marks;
    if (!has(around, mark)) this.#marks = [...around, mark];
    read();
    this.#marks = around;
  }

  /** Grows with whatever is added. */
  get size(): number {
    return this.#blocks.length + this.#runs.length;
  }

  /** The blocks gathered. */
  finish(): Block[] {
    this.flush();
    return this.#blocks;
  }
}

const has = (marks: readonly Mark[], mark: Mark): boolean => marks.some((one) => one.type === mark.type);
