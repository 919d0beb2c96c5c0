import { randomUUID } from 'node:crypto';
import { xml } from '@xmpp/client';
import { until } from './until.ts';
import type { Element, Stamped, XmppPeople } from './xmpp-people.ts';

const MUC = 'http://jabber.org/protocol/muc';
const REPLY = 'urn:xmpp:reply:0';
const RETRACT = 'urn:xmpp:message-retract:1';
const CHAT_STATES = 'http://jabber.org/protocol/chatstates';
const DATA = 'jabber:x:data';

/** What an answer names: the message's id and the room JID of its author. */
export interface Answered {
  readonly stanzaId: string;
  readonly from: string;
}

/** An answer by a client that repeats what is answered for those that do not know replies (XEP-0461, XEP-0428). */
export function replyWithQuote(
  people: XmppPeople,
  person: string,
  room: string,
  to: Answered,
  quote: string,
  text: string,
): Promise<Stamped> {
  const range = xml('body', { start: '0', end: String([...quote].length) });
  return people.say(
    person,
    room,
    quote + text,
    xml('reply', { xmlns: REPLY, to: to.from, id: to.stanzaId }),
    xml('fallback', { xmlns: 'urn:xmpp:fallback:0', for: REPLY }, range),
  );
}

/** The room's own removal of anybody's message, asked for by one of its moderators (XEP-0425). */
export async function moderate(people: XmppPeople, person: string, room: string, id: string): Promise<void> {
  const retract = xml('retract', { xmlns: RETRACT });
  await people.ask(
    person,
    room,
    'set',
    xml('moderate', { xmlns: 'urn:xmpp:message-moderate:1', id }, retract),
  );
}

export function setSubject(people: XmppPeople, person: string, room: string, subject: string): Promise<void> {
  const attributes = { type: 'groupchat', from: people.jid(person), to: room, id: randomUUID() };
  return people.send(xml('message', attributes, xml('subject', {}, subject)));
}

export function chatState(people: XmppPeople, person: string, room: string, state: string): Promise<void> {
  const attributes = { type: 'groupchat', from: people.jid(person), to: room };
  return people.send(xml('message', attributes, xml(state, { xmlns: CHAT_STATES })));
}

/** Asks for another nick without waiting. */
export function askNick(people: XmppPeople, person: string, room: string, nick: string): Promise<void> {
  return people.send(xml('presence', { from: people.jid(person), to: `${room}/${nick}` }));
}

/** Changes a nick and waits for the room's word; null, or the condition of the refusal. */
export async function changeNick(
  people: XmppPeople,
  person: string,
  room: string,
  nick: string,
): Promise<string | null> {
  return entering(people, person, `${room}/${nick}`, () => askNick(people, person, room, nick));
}

/** Enters a room under a nick that may be refused; null, or the condition of the refusal. */
export async function tryNick(
  people: XmppPeople,
  person: string,
  room: string,
  nick: string,
): Promise<string | null> {
  const join = xml('x', { xmlns: MUC }, xml('history', { maxstanzas: '0' }));
  return entering(people, person, `${room}/${nick}`, () =>
    people.send(xml('presence', { from: people.jid(person), to: `${room}/${nick}` }, join)),
  );
}

async function entering(
  people: XmppPeople,
  person: string,
  occupant: string,
  ask: () => Promise<void>,
): Promise<string | null> {
  const seen = people.stanzas.length;
  const room = occupant.split('/', 1)[0] ?? '';
  let answer: Element | undefined;
  await ask();
  await until(`${person} is answered by ${room}`, () => {
    answer = people.stanzas.slice(seen).find((stanza) => isAnswer(stanza, people.jid(person), room));
    return answer !== undefined;
  });
  return answer?.attrs.type === 'error'
    ? (answer.getChild('error')?.getChildElements()[0]?.name ?? 'error')
    : null;
}

function isAnswer(stanza: Element, jid: string, room: string): boolean {
  const { from, to, type } = stanza.attrs as { from?: string; to?: string; type?: string };
  if (!stanza.is('presence') || to !== jid || from?.startsWith(`${room}/`) !== true) return false;
  if (type === 'error') return true;
  const user = stanza.getChild('x', `${MUC}#user`);
  const codes = user?.getChildren('status').map((status) => status.attrs.code) ?? [];
  return type === undefined && codes.includes('110');
}

/** Gives the room another name, as its owner. */
export const nameRoom = (people: XmppPeople, person: string, room: string, name: string): Promise<void> =>
  configure(people, person, room, { 'muc#roomconfig_roomname': name });

/** Puts somebody out of the room. */
export async function kick(people: XmppPeople, person: string, room: string, nick: string): Promise<void> {
  const item = xml('item', { nick, role: 'none' });
  await people.ask(person, room, 'set', xml('query', { xmlns: `${MUC}#admin` }, item));
}

export const reactionsOf = (stanza: Element): string[] | null => {
  const set = stanza.getChild('reactions', 'urn:xmpp:reactions:0');
  return set === undefined || set === null
    ? null
    : set
        .getChildren('reaction')
        .map((one) => one.text())
        .sort();
};

/** Says it in a thread of RFC 6121 §5.2.5. */
export const sayInThread = (
  people: XmppPeople,
  person: string,
  room: string,
  thread: string,
  text: string,
): Promise<Stamped> => people.say(person, room, text, xml('thread', {}, thread));

/** The address of an uploaded file (XEP-0066), as clients send it: alone in the body too, or not at all. */
export function sayFile(people: XmppPeople, person: string, room: string, url: string, inBody: boolean) {
  const body = inBody ? [xml('body', {}, url)] : [];
  const store = xml('store', { xmlns: 'urn:xmpp:hints' });
  const file = xml('x', { xmlns: 'jabber:x:oob' }, xml('url', {}, url));
  return people.message(person, room, ...body, file, store);
}

/** Says that the signs in it mean themselves (XEP-0393 §8). */
export const sayUnstyled = (people: XmppPeople, person: string, room: string, text: string) =>
  people.say(person, room, text, xml('unstyled', { xmlns: 'urn:xmpp:styling:0' }));

/** Changes fields of the room's form, as its owner. */
export async function configure(
  people: XmppPeople,
  person: string,
  room: string,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  const all = Object.entries({ FORM_TYPE: `${MUC}#roomconfig`, ...fields });
  const form = all.map(([name, value]) => xml('field', { var: name }, xml('value', {}, value)));
  const query = xml('query', { xmlns: `${MUC}#owner` }, xml('x', { xmlns: DATA, type: 'submit' }, ...form));
  await people.ask(person, room, 'set', query);
}
