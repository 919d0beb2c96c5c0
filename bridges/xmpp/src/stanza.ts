import type { xml } from '@xmpp/client';

/** An XML element as the library has it. Only direct children are ever looked at, so depth costs nothing. */
export type Element = ReturnType<typeof xml>;

/** Namespaces by what they are for, with the XEP that defines them. */
export const NS = {
  muc: 'http://jabber.org/protocol/muc',
  mucUser: 'http://jabber.org/protocol/muc#user',
  mucAdmin: 'http://jabber.org/protocol/muc#admin',
  discoInfo: 'http://jabber.org/protocol/disco#info',
  ping: 'urn:xmpp:ping',
  delay: 'urn:xmpp:delay',
  stanzaId: 'urn:xmpp:sid:0',
  occupantId: 'urn:xmpp:occupant-id:0',
  mam: 'urn:xmpp:mam:2',
  rsm: 'http://jabber.org/protocol/rsm',
  forward: 'urn:xmpp:forward:0',
  dataForm: 'jabber:x:data',
  hints: 'urn:xmpp:hints',
  replace: 'urn:xmpp:message-correct:0',
  reply: 'urn:xmpp:reply:0',
  fallback: 'urn:xmpp:fallback:0',
  retract: 'urn:xmpp:message-retract:1',
  moderate: 'urn:xmpp:message-moderate:1',
  fasten: 'urn:xmpp:fasten:0',
  moderateOld: 'urn:xmpp:message-moderate:0',
  reactions: 'urn:xmpp:reactions:0',
  reference: 'urn:xmpp:reference:0',
  styling: 'urn:xmpp:styling:0',
  chatStates: 'http://jabber.org/protocol/chatstates',
  oob: 'jabber:x:oob',
  encryption: 'urn:xmpp:eme:0',
  stanzas: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  /** Ours: which hubs a message went through (`hop`), and who of ours wrote it (`signed`). */
  brygga: 'urn:brygga:0',
} as const;

/** Anything XML 1.0 cannot write: one such character ends the component's whole stream (RFC 6120 §11.1). */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text that can stand in XML. */
export const xmlText = (text: string): string => text.replace(NOT_XML, '');

/** Text as it comes back from XML: line ends are one sign (XML 1.0 §2.11). */
export const asRead = (text: string): string => xmlText(text).replace(/\r\n?/g, '\n');

/** The attribute as text; empty when absent. */
export function attribute(element: Element | undefined, name: string): string {
  const value: unknown = element?.attrs[name];
  return typeof value === 'string' ? value : '';
}

/** The first child of that name and namespace. */
export const childOf = (element: Element | undefined, name: string, ns: string): Element | undefined =>
  element?.getChild(name, ns);

/** Whether such a child exists. */
export const hasChild = (element: Element, name: string, ns: string): boolean =>
  element.getChild(name, ns) !== undefined;

/** The `<body>` (or `<subject>`) without `xml:lang`, else the first; null when there is none (RFC 6121 §5.2.3). */
export function textChild(element: Element, name: string): string | null {
  const all = element.getChildren(name);
  const chosen = all.find((child) => child.attrs['xml:lang'] === undefined) ?? all[0];
  return chosen === undefined ? null : chosen.getText();
}

/** Status codes of a MUC presence or message (XEP-0045 §15.6). */
export function statusCodes(element: Element): ReadonlySet<string> {
  const user = element.getChild('x', NS.mucUser);
  return new Set((user?.getChildren('status') ?? []).map((status) => attribute(status, 'code')));
}
