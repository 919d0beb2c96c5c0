/** Shorter ones could be codes or ids as well. */
const CHARS_MIN = 8;
const CHARS_MAX = 200;

/** What people have written, line by line, to be looked for where it must never be: in a log at any level. */
export class Said {
  readonly #lines = new Set<string>();

  add(text: string): void {
    for (const line of text.split('\n')) {
      const words = line.trim().slice(0, CHARS_MAX);
      if (words.length >= CHARS_MIN) this.#lines.add(words);
    }
  }

  /** The texts, captions, topics and file names of a Matrix event, its new content included. */
  addContent(content: object): void {
    for (const [name, value] of Object.entries(content)) {
      if (typeof value === 'object' && value !== null) this.addContent(value);
      else if (typeof value === 'string' && WRITTEN.has(name)) this.add(value);
    }
  }

  get size(): number {
    return this.#lines.size;
  }

  /** Whether any of it is in that log, as it stands or as JSON writes it. */
  isIn(log: string): boolean {
    for (const line of this.#lines) {
      if (log.includes(line) || log.includes(JSON.stringify(line).slice(1, -1))) return true;
    }
    return false;
  }
}

const WRITTEN: ReadonlySet<string> = new Set(['body', 'formatted_body', 'topic', 'filename']);
