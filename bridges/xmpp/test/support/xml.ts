import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { component } from '@xmpp/component';
import type { Element } from '../../src/stanza.ts';

/** Reads one element as the library would from the wire. */
export function readXml(text: string): Element {
  const entity = component({ service: 'xmpp://127.0.0.1:1', domain: 'example.org', password: '' });
  const parser = new entity.Parser();
  const found: Element[] = [];
  parser.on('element', (element: Element) => found.push(element));
  parser.write(`<stream:stream>${text}</stream:stream>`);
  const [first] = found;
  if (first === undefined) throw new Error('no element');
  return first;
}

export const fixture = (name: string): Element =>
  readXml(readFileSync(join(import.meta.dirname, '../../fixtures', name), 'utf8'));
