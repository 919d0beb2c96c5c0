const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** Have no content, or are ignored within a fragment. */
const VOID = words('area base br col embed hr img input link meta param source track wbr html head body');
/** A parser opens these again in whatever follows when they were not closed themselves. */
const FORMATTING = words('a b big code em font i nobr s small strike strong tt u');
/** Closed by the next of their kind, or by the end of what they stand in. */
const OPTIONAL = words('p li dd dt caption colgroup thead tbody tfoot tr td th');
/** Never within another of themselves: a second one closes the first wherever that stands. */
const ALONE = words('a nobr form button');
const HEADING = /^h[1-6]$/;
const TABLE_PART = words('caption colgroup thead tbody tfoot tr td th');
/** Hold table parts only: a parser moves anything else out of them. */
const TABLE_FRAME = words('table thead tbody tfoot tr colgroup');
const CELL = words('td th caption');
/** Elements that close a paragraph and keep an inline element's end tag from reaching out. */
const BLOCK = words(
  'address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 ' +
    'h2 h3 h4 h5 h6 header hgroup hr li listing main menu nav ol p pre search section summary table ul',
);

/** What on top of the stack a start tag closes by itself, one after the other. */
const CLOSES: Readonly<Record<string, readonly ReadonlySet<string>[]>> = {
  li: [words('li')],
  dt: [words('dd dt')],
  dd: [words('dd dt')],
  td: [CELL],
  th: [CELL],
  tr: [CELL, words('tr')],
  thead: [CELL, words('tr'), words('thead tbody tfoot')],
  tbody: [CELL, words('tr'), words('thead tbody tfoot')],
  tfoot: [CELL, words('tr'), words('thead tbody tfoot')],
};

/** Follows tags as a parser would while they nest, and counts the places where they do not. */
export class Nesting {
  /** Places where a parser has to guess. */
  faults = 0;
  /** Sum over all start tags of the formatting a parser might have to open again there. */
  reopened = 0;
  readonly #open: string[] = [];
  /** Formatting elements closed with what is around them: a parser opens them again. */
  #left = 0;

  get depth(): number {
    return this.#open.length;
  }

  open(name: string): void {
    this.reopened += this.#left + this.#open.filter((one) => FORMATTING.has(one)).length;
    this.#closeImplied(name);
    if (this.#misplaced(name)) this.faults += 1;
    if (!VOID.has(name)) this.#open.push(name);
  }

  close(name: string): void {
    if (VOID.has(name)) return;
    const at = this.#open.lastIndexOf(name);
    if (at >= 0 && (BLOCK.has(name) || OPTIONAL.has(name))) this.#popOptional(name);
    if (this.#top() === name) {
      this.#open.pop();
      return;
    }
    this.faults += 1;
    if (at < 0) return;
    const closed = this.#open.splice(at);
    this.#left += closed.filter((one) => FORMATTING.has(one)).length;
  }

  #top(): string {
    return this.#open.at(-1) ?? '';
  }

  #closeImplied(name: string): void {
    if ((BLOCK.has(name) || TABLE_PART.has(name)) && this.#top() === 'p') this.#open.pop();
    for (const kinds of CLOSES[name] ?? []) if (kinds.has(this.#top())) this.#open.pop();
  }

  #popOptional(name: string): void {
    while (this.#top() !== name && OPTIONAL.has(this.#top())) this.#open.pop();
  }

  /** Whether a parser would close, move or drop something for this start tag. */
  #misplaced(name: string): boolean {
    const top = this.#top();
    if (TABLE_PART.has(name)) return !TABLE_FRAME.has(top);
    if (TABLE_FRAME.has(top) && !VOID.has(name)) return true;
    if (ALONE.has(name) && this.#open.includes(name)) return true;
    if (HEADING.test(name) && HEADING.test(top)) return true;
    if (BLOCK.has(name) && this.#open.includes('p')) return true;
    return this.#secondItem(name);
  }

  /** An item within an item without a list between them. */
  #secondItem(name: string): boolean {
    const kinds = CLOSES[name]?.[0];
    if (kinds === undefined) return false;
    const around = this.#open.findLast(
      (one) => kinds.has(one) || (BLOCK.has(one) && one !== 'div' && one !== 'address'),
    );
    return around !== undefined && kinds.has(around);
  }
}
