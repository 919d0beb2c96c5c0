import { xml } from '@xmpp/client';
import { type Element, xmlText } from './stanza.ts';

type Child = Element | string | null;
type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Builds an element; texts and attributes are made fit for XML, nulls are left out. */
export function el(name: string, attributes: Attributes, ...children: readonly Child[]): Element {
  const clean = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, xmlText(String(value))] as const],
  );
  const nodes = children.flatMap((child) =>
    child === null ? [] : [typeof child === 'string' ? xmlText(child) : child],
  );
  return xml(name, Object.fromEntries(clean), ...nodes);
}
