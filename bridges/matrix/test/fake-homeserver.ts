import type { Failure } from '../src/errors.ts';
import type { Answer, Call, Homeserver } from '../src/homeserver.ts';

type Rule = { readonly match: RegExp; readonly answer: (call: Call) => Answer; left: number };

export const ok = (value: unknown = {}): Answer => ({ ok: true, value });
export const no = (failure: Failure): Answer => ({ ok: false, failure });
export const refusal = (status: number, errcode = 'M_FORBIDDEN', afterMs: number | null = null): Failure => ({
  kind: 'refusal',
  status,
  errcode,
  afterMs,
});

/** A homeserver that answers `{event_id}` to everything, but for what a test says. */
export class FakeHomeserver implements Homeserver {
  readonly calls: Call[] = [];
  readonly #rules: Rule[] = [];
  #count = 0;

  /** The next `times` calls that match (`METHOD path` with the path unescaped) are answered so. */
  on(match: RegExp, answer: Answer | ((call: Call) => Answer), times = Number.POSITIVE_INFINITY): this {
    this.#rules.unshift({ match, answer: typeof answer === 'function' ? answer : () => answer, left: times });
    return this;
  }

  async call(call: Call): Promise<Answer> {
    this.calls.push(call);
    await Promise.resolve();
    const line = lineOf(call);
    const rule = this.#rules.find(({ match, left }) => left > 0 && match.test(line));
    this.#count += 1;
    if (rule === undefined) return ok({ event_id: `$event-${this.#count}` });
    rule.left -= 1;
    return rule.answer(call);
  }

  async close(): Promise<void> {}

  /** What was called, in short: `PUT /v3/... as @user`. */
  get lines(): string[] {
    return this.calls.map((call) => `${lineOf(call)}${call.as === null ? '' : ` as ${call.as}`}`);
  }
}

const lineOf = (call: Call): string =>
  `${call.method} ${decodeURIComponent(call.path).replace('/_matrix/client', '')}`;
