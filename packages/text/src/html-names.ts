import type { Table } from '@brygga/event';
import type { Element, ElementContent, RootContent } from 'hast';
import type { Mark } from './runs.ts';

/** A property as a string; missing or of another type: empty. */
export function property(element: Element, name: string): string {
  const value = element.properties[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** Class names of an element. */
export function classes(element: Element): string[] {
  const value = element.properties.className;
  return Array.isArray(value) ? value.map(String) : [];
}

/** All text within a node; a line end for each `br`. */
export function textOf(node: RootContent | ElementContent): string {
  if (node.type === 'text') return node.value;
  if (node.type !== 'element') return '';
  return node.tagName === 'br' ? '\n' : node.children.map(textOf).join('');
}

/** The address of a link that may stay one, else null. */
export function carriedUrl(href: string): string | null {
  const url = href.trim();
  if (url.length > 8192 || /[\s\x00-\x1f\x7f]/.test(url)) return null;
  return /^(?:https?:\/\/\S|mailto:\S)/i.test(url) ? url : null;
}

/** Elements that are a mark. */
export const MARK_OF: Readonly<Record<string, Exclude<Mark['type'], 'link'>>> = {
  b: 'strong',
  strong: 'strong',
  em: 'emphasis',
  i: 'emphasis',
  s: 'delete',
  del: 'delete',
  strike: 'delete',
};

/** Elements whose content is not for people. */
export const SKIPPED: ReadonlySet<string> = new Set(
  'script style head title template noscript iframe object embed audio video canvas svg math select textarea input button'.split(
    ' ',
  ),
);

/** Elements that are a line of their own without being a paragraph. */
export const LINE: ReadonlySet<string> = new Set('div dt dd summary address figcaption li tr'.split(' '));

/** Elements that part paragraphs. */
export const PARAGRAPH: ReadonlySet<string> = new Set(
  'p article aside section main header footer nav figure details dialog dl fieldset form center hgroup caption body html'.split(
    ' ',
  ),
);

/** The language of a `pre` from the class of its `code`, in the manner of the HTML standard's example. */
export function langOf(pre: Element): string | null {
  const inner = pre.children.find((child) => child.type === 'element' && child.tagName === 'code');
  const names = [...(inner?.type === 'element' ? classes(inner) : []), ...classes(pre)];
  const lang = names.find((name) => name.startsWith('language-'))?.slice('language-'.length) ?? '';
  return lang === '' ? null : lang.slice(0, 64);
}

/** The alignment of a cell from its `align` or style. */
export function alignOf(cell: Element): Table['align'][number] {
  const style = /text-align:\s{0,4}(left|right|center)/.exec(property(cell, 'style'))?.[1];
  const align = style ?? property(cell, 'align').toLowerCase();
  return align === 'left' || align === 'right' || align === 'center' ? align : null;
}
