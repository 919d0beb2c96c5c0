import type { Clock } from '@brygga/contract';
import { el } from './element.ts';
import { type StanzaError, stanzaError } from './errors.ts';
import { bareJid } from './ids.ts';
import { attribute, type Element } from './stanza.ts';

/** lost: no stream, or it ended. silent: no answer in time. */
export type IqAnswer =
  | { readonly kind: 'result'; readonly stanza: Element }
  | { readonly kind: 'error'; readonly error: StanzaError }
  | { readonly kind: 'lost' }
  | { readonly kind: 'silent' };

export interface IqCall {
  readonly to: string;
  readonly from: string;
  readonly type: 'get' | 'set';
  readonly child: Element;
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly to: string;
  settle(answer: IqAnswer): void;
}

const PENDING_MAX = 1000;
const TIMEOUT_MS = 30_000;

/**
 * Questions under way (RFC 6120 §8.2.3). The library matches answers by id alone; here the answer must also come
 * from whom was asked, so that nobody else can answer in their place.
 */
export class Iqs {
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #write: (stanza: Element) => boolean;
  readonly #waiting = new Map<string, Waiting>();

  constructor(clock: Clock, newId: () => string, write: (stanza: Element) => boolean) {
    this.#clock = clock;
    this.#newId = newId;
    this.#write = write;
  }

  ask(call: IqCall): Promise<IqAnswer> {
    if (this.#waiting.size >= PENDING_MAX) return Promise.resolve({ kind: 'silent' });
    const id = this.#newId();
    const answer = Promise.withResolvers<IqAnswer>();
    const cancel = this.#clock.after(call.timeoutMs ?? TIMEOUT_MS, () => settle({ kind: 'silent' }));
    const settle = (value: IqAnswer): void => {
      cancel();
      this.#waiting.delete(id);
      answer.resolve(value);
    };
    this.#waiting.set(id, { to: call.to, settle });
    const stanza = el('iq', { type: call.type, to: call.to, from: call.from, id }, call.child);
    if (!this.#write(stanza)) settle({ kind: 'lost' });
    return answer.promise;
  }

  /** Takes an answer; false when it answers nothing that was asked. */
  take(stanza: Element): boolean {
    const type = attribute(stanza, 'type');
    if (type !== 'result' && type !== 'error') return false;
    const waiting = this.#waiting.get(attribute(stanza, 'id'));
    if (waiting === undefined || !answers(attribute(stanza, 'from'), waiting.to)) return false;
    waiting.settle(
      type === 'result' ? { kind: 'result', stanza } : { kind: 'error', error: stanzaError(stanza) },
    );
    return true;
  }

  /** The stream ended: no answer will come. */
  lost(): void {
    for (const waiting of [...this.#waiting.values()]) waiting.settle({ kind: 'lost' });
  }
}

/** An answer of one's own server may come without `from`; the room may answer for one of its occupants. */
const answers = (from: string, asked: string): boolean =>
  from === '' ? !asked.includes('@') : from === asked || from === bareJid(asked);
