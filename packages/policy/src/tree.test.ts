import type { Body, Inline } from '@brygga/event';
import { arbitraryBody } from '@brygga/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapInlines } from './tree.ts';

const word: Inline = { type: 'text', value: 'old' };
const loud = (node: Inline): Inline => (node.type === 'text' ? { ...node, value: 'new' } : node);

const everywhere: Body = {
  type: 'root',
  children: [
    { type: 'paragraph', children: [{ type: 'strong', children: [{ type: 'emphasis', children: [word] }] }] },
    { type: 'heading', depth: 2, children: [{ type: 'delete', children: [word] }] },
    { type: 'blockquote', children: [{ type: 'paragraph', children: [word] }] },
    {
      type: 'list',
      ordered: false,
      start: null,
      children: [{ type: 'listItem', checked: null, children: [{ type: 'paragraph', children: [word] }] }],
    },
    {
      type: 'table',
      align: [],
      children: [{ type: 'tableRow', children: [{ type: 'tableCell', children: [word] }] }],
    },
    { type: 'paragraph', children: [{ type: 'link', url: 'https://example.org/', children: [word] }] },
    { type: 'code', lang: null, value: 'old' },
  ],
};

describe('mapInlines', () => {
  it('reaches every place where text stands', () => {
    const changed = JSON.stringify(mapInlines(everywhere, loud));
    expect(changed.split('"new"')).toHaveLength(7);
    expect(changed.split('"old"')).toHaveLength(2); // code is no inline node
  });

  it('gives the very same body when nothing changes, and never touches the one it was given', () => {
    fc.assert(
      fc.property(arbitraryBody(), (body) => {
        const before = structuredClone(body);
        expect(mapInlines(body, (node) => node)).toBe(body);
        mapInlines(body, loud);
        expect(body).toEqual(before);
      }),
    );
  });
});
