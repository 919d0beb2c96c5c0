import { el } from './element.ts';
import { type Element, NS } from './stanza.ts';

interface Callee {
  get(ns: string, name: string, answer: (context: { stanza: Element }) => Element | object): void;
}

/** What ghosts and the bot say of themselves when asked (XEP-0030, XEP-0199); all else the library refuses. */
export function answerQueries(callee: Callee): void {
  callee.get(NS.ping, 'ping', () => ({}));
  callee.get(NS.discoInfo, 'query', () =>
    el(
      'query',
      { xmlns: NS.discoInfo },
      el('identity', { category: 'gateway', type: 'brygga', name: 'Brygga' }),
      el('feature', { var: NS.discoInfo }),
      el('feature', { var: NS.ping }),
    ),
  );
}
