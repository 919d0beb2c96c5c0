import { dice } from '@brygga/testkit';
import type { Nodes } from 'hast';
import { fromHtml } from 'hast-util-from-html';
import { describe, expect, it } from 'vitest';
import { HTML_BOUNDS, withinBounds } from './html-depth.ts';

const bounds = { ...HTML_BOUNDS, depthMax: 20, faultsMax: 6 };

const NAMES = (
  'p div b i a span font table tr td li ul ol marquee button h1 h3 blockquote pre dd dt nobr object caption form ' +
  'tbody ruby rt details body option center address'
).split(' ');

/** A few tags again and again: what grows at all grows visibly. */
function soup(seed: number): string {
  const { below, oneIn } = dice(seed);
  const names = Array.from({ length: 2 + below(6) }, () => NAMES[below(NAMES.length)] ?? 'p');
  const tag = (): string => {
    const name = names[below(names.length)] ?? 'p';
    const mark = oneIn(3) ? ` x${below(9)}` : '';
    return (oneIn(2) ? `</${name}>` : `<${name}${mark}>`) + (oneIn(3) ? 'x' : '');
  };
  return Array.from({ length: 1 + below(10) }, tag).join('');
}

function depthOf(root: Nodes): number {
  let most = 0;
  const open: [Nodes, number][] = [[root, 0]];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const [node, depth] = at;
    most = Math.max(most, depth);
    if ('children' in node) for (const child of node.children) open.push([child, depth + 1]);
  }
  return most;
}

describe('bounds of HTML', () => {
  it.each([
    ['tags that nest', '<p>a <b>b</b></p><ul><li>c</li></ul>'.repeat(500)],
    [
      'end tags left out where they may be',
      '<ul><li>a<li>b<p>c<p>d</ul><table><tr><td>e<td>f<tr><td>g</table>'.repeat(200),
    ],
    ['a few tags that do not nest', '<b>a<i>b</b>c</i></p></div>'],
  ])('let through %s', (_, html) => expect(withinBounds(html, HTML_BOUNDS)).toBe(true));

  it.each([
    ['too many bytes', 'å'.repeat(140_000)],
    ['too much nesting', '<div>'.repeat(101)],
    ['too many attributes', `<a ${'b '.repeat(51)}>`],
    ['too many faults', '</b>'.repeat(21)],
    ['foreign content', '<svg></svg>'],
  ])('refuse %s', (_, html) => expect(withinBounds(html, HTML_BOUNDS)).toBe(false));

  // The real parser is the judge: what is let through must not become deep, however often it is repeated.
  it('never let through what a parser makes deep', () => {
    for (let seed = 0; seed < 20_000; seed += 1) {
      const html = soup(seed);
      const long = html.repeat(300);
      const input = withinBounds(long, bounds) ? long : html;
      if (!withinBounds(input, bounds)) continue;
      const depth = depthOf(fromHtml(input, { fragment: true }));
      expect(depth, `seed ${seed}: ${html}`).toBeLessThan(bounds.depthMax * bounds.faultsMax);
    }
  });
});
