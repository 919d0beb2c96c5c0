import { el } from './element.ts';
import type { Iqs } from './iq.ts';
import { attribute, type Element, NS } from './stanza.ts';

/** One archived message: its id in the archive (the stanza-id) and when it was stored. */
export interface Archived {
  readonly id: string;
  readonly stamp: number;
  readonly message: Element;
}

/** `after` and `before`: archive ids; `before` empty means the newest page. `start`: since 1970 UTC, in ms. */
export interface PageQuery {
  readonly after?: string;
  readonly before?: string;
  readonly start?: number;
  readonly max: number;
}

/** Items oldest first. */
export interface Page {
  readonly kind: 'page';
  readonly items: readonly Archived[];
  readonly complete: boolean;
  readonly first: string | null;
  readonly last: string | null;
}
export type PageAnswer =
  | Page
  | { readonly kind: 'expired' }
  | { readonly kind: 'none' }
  | { readonly kind: 'lost' };

interface Gathering {
  readonly room: string;
  readonly items: Archived[];
}

/** Servers cap a page at 50 (Prosody) or 250 (ejabberd); whoever sends more is not listened to. */
const ITEMS_MAX = 500;

/** A room's archive (XEP-0313), page by page. */
export class Archive {
  readonly #iqs: Iqs;
  readonly #newId: () => string;
  readonly #gathering = new Map<string, Gathering>();

  constructor(iqs: Iqs, newId: () => string) {
    this.#iqs = iqs;
    this.#newId = newId;
  }

  async page(room: string, from: string, query: PageQuery): Promise<PageAnswer> {
    const queryid = this.#newId();
    const gathering: Gathering = { room, items: [] };
    this.#gathering.set(queryid, gathering);
    const answer = await this.#iqs.ask({ to: room, from, type: 'set', child: queryElement(queryid, query) });
    this.#gathering.delete(queryid);
    if (answer.kind === 'error') return notPage(answer.error.condition);
    if (answer.kind !== 'result') return { kind: 'lost' };
    const fin = answer.stanza.getChild('fin', NS.mam);
    const set = fin?.getChild('set', NS.rsm);
    return {
      kind: 'page',
      items: gathering.items,
      complete: attribute(fin, 'complete') === 'true',
      first: set?.getChildText('first') ?? gathering.items[0]?.id ?? null,
      last: set?.getChildText('last') ?? gathering.items.at(-1)?.id ?? null,
    };
  }

  /** Takes a message that carries an archived one; false when it does not. Only the asked room is believed. */
  take(stanza: Element): boolean {
    const result = stanza.getChild('result', NS.mam);
    if (result === undefined) return false;
    const gathering = this.#gathering.get(attribute(result, 'queryid'));
    if (gathering === undefined || gathering.room !== attribute(stanza, 'from')) return true;
    const forwarded = result.getChild('forwarded', NS.forward);
    // Some servers leave the namespace of the inner message out: it is then a child in urn:xmpp:forward:0.
    const message = forwarded?.getChild('message');
    const stamp = Date.parse(attribute(forwarded?.getChild('delay', NS.delay), 'stamp'));
    const id = attribute(result, 'id');
    if (message === undefined || id === '' || Number.isNaN(stamp)) return true;
    if (gathering.items.length < ITEMS_MAX) gathering.items.push({ id, stamp, message });
    return true;
  }
}

/** `expired`: the id asked for is not there any more. `none`: there is no archive, or it is closed to us. */
function notPage(condition: string): PageAnswer {
  if (condition === 'item-not-found') return { kind: 'expired' };
  const passing = [
    'resource-constraint',
    'internal-server-error',
    'remote-server-timeout',
    'policy-violation',
  ];
  return { kind: passing.includes(condition) ? 'lost' : 'none' };
}

function queryElement(queryid: string, query: PageQuery): Element {
  const form =
    query.start === undefined
      ? null
      : el(
          'x',
          { xmlns: NS.dataForm, type: 'submit' },
          el('field', { var: 'FORM_TYPE', type: 'hidden' }, el('value', {}, NS.mam)),
          el('field', { var: 'start' }, el('value', {}, new Date(query.start).toISOString())),
        );
  const set = el(
    'set',
    { xmlns: NS.rsm },
    el('max', {}, String(query.max)),
    query.after === undefined ? null : el('after', {}, query.after),
    query.before === undefined ? null : el('before', {}, query.before),
  );
  return el('query', { xmlns: NS.mam, queryid }, form, set);
}
