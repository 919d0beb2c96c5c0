import { el } from './element.ts';
import type { Iqs } from './iq.ts';
import { attribute, type Element, NS } from './stanza.ts';

/** What a room says it can do (XEP-0045 §6.4). */
export interface RoomInfo {
  readonly name: string;
  readonly archive: boolean;
  readonly stanzaIds: boolean;
  readonly occupantIds: boolean;
  readonly moderation: boolean;
  readonly moderated: boolean;
  readonly membersOnly: boolean;
  readonly password: boolean;
  readonly nonAnonymous: boolean;
  readonly persistent: boolean;
}

/** A room of which nothing is known: nothing is believed, nothing expected. */
export const UNKNOWN_ROOM: RoomInfo = {
  name: '',
  archive: false,
  stanzaIds: false,
  occupantIds: false,
  moderation: false,
  moderated: false,
  membersOnly: false,
  password: false,
  nonAnonymous: false,
  persistent: false,
};

export type RoomAsked =
  | { readonly kind: 'info'; readonly info: RoomInfo }
  | { readonly kind: 'error'; readonly condition: string }
  | { readonly kind: 'lost' };

/** Asks a room (or any service) what it can do (XEP-0030). */
export async function askRoom(iqs: Iqs, room: string, from: string): Promise<RoomAsked> {
  const answer = await iqs.ask({ to: room, from, type: 'get', child: el('query', { xmlns: NS.discoInfo }) });
  if (answer.kind === 'error') return { kind: 'error', condition: answer.error.condition };
  if (answer.kind !== 'result') return { kind: 'lost' };
  return { kind: 'info', info: readInfo(answer.stanza) };
}

function readInfo(stanza: Element): RoomInfo {
  const query = stanza.getChild('query', NS.discoInfo);
  const has = new Set((query?.getChildren('feature') ?? []).map((feature) => attribute(feature, 'var')));
  const identity = query
    ?.getChildren('identity')
    .find((child) => attribute(child, 'category') === 'conference');
  return {
    name: attribute(identity, 'name'),
    archive: has.has(NS.mam),
    stanzaIds: has.has(NS.stanzaId),
    occupantIds: has.has(NS.occupantId),
    moderation: has.has(NS.moderate),
    moderated: has.has('muc_moderated'),
    membersOnly: has.has('muc_membersonly'),
    password: has.has('muc_passwordprotected'),
    nonAnonymous: has.has('muc_nonanonymous'),
    persistent: has.has('muc_persistent'),
  };
}
