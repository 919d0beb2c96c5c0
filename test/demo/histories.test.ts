import { describe, expect, test } from 'vitest';
import type { Told } from './conversation.ts';
import { differences, type Row, rowsOf, type Shown } from './histories.ts';

const said = (id: string, who: string, text: string, more: Partial<Shown> = {}): Shown => ({
  id,
  who,
  text,
  deleted: false,
  edited: false,
  answers: null,
  reactions: [],
  ...more,
});
const anna = (id: string, text: string, more?: Partial<Shown>): Shown =>
  said(id, 'Anna Svensson', text, more);
const ghost = (id: string, text: string, more?: Partial<Shown>): Shown =>
  said(id, 'Anna Svensson (Skatteverket)', text, more);
const notice = (id: string): Shown => said(id, 'Brygga', 'bridged');
const told = (...numbers: readonly number[]): { told: Told[]; missing: [] } => ({
  told: numbers.map((n) => ({ by: 'matrix', matrix: `m${n}`, xmpp: `x${n}`, crossedMs: [] })),
  missing: [],
});

const ids = (rows: readonly Row[]): string[] =>
  rows.map(({ matrix, xmpp }) => `${matrix?.id ?? '-'} ${xmpp?.id ?? '-'}`);

describe('two histories in rows', () => {
  test('the same message stands in one row, notices by their words', () => {
    const sides = {
      matrix: [notice('m0'), anna('m1', 'one'), anna('m2', 'two')],
      xmpp: [notice('x0'), ghost('x1', 'one'), ghost('x2', 'two')],
    };
    const rows = rowsOf(sides, told(1, 2));
    expect(ids(rows)).toEqual(['m0 x0', 'm1 x1', 'm2 x2']);
    expect(differences(rows, sides)).toEqual([]);
  });

  test('what is on one side only is told', () => {
    const sides = {
      matrix: [anna('m1', 'one'), anna('m2', 'two')],
      xmpp: [ghost('x1', 'one'), ghost('x9', 'one')],
    };
    const rows = rowsOf(sides, told(1, 2));
    expect(ids(rows)).toEqual(['m1 x1', '- x9', 'm2 -']);
    expect(differences(rows, sides)).toEqual(['"one" is on XMPP only', '"two" is on Matrix only']);
  });

  test('another order is told', () => {
    const sides = {
      matrix: [anna('m1', 'one'), anna('m2', 'two')],
      xmpp: [ghost('x2', 'two'), ghost('x1', 'one')],
    };
    expect(differences(rowsOf(sides, told(1, 2)), sides)).toEqual([
      'the order on XMPP is another one than on Matrix',
    ]);
  });

  test.each<[string, Partial<Shown>, Partial<Shown>]>([
    ['the text is another one on XMPP', { text: 'uno' }, {}],
    ['removed on one side only', {}, { deleted: true }],
    ['edited on one side only', { edited: true }, {}],
    ['answers another message', { answers: 'm1' }, { answers: null }],
    ['answers another message', { answers: 'm1' }, { answers: 'x2' }],
    ['the reactions are others on XMPP', { reactions: [{ emoji: '👍', who: ['Bosse Ek (MSB)'] }] }, {}],
    ['"Anna Svensson (Skatteverket)" is called "Bosse Ek" on XMPP', {}, { who: 'Bosse Ek' }],
  ])('told: %s', (words, here, there) => {
    const second = anna('m2', 'two', here);
    const sides = {
      matrix: [anna('m1', 'one'), second],
      xmpp: [ghost('x1', 'one'), ghost('x2', 'two', there)],
    };
    expect(differences(rowsOf(sides, told(1, 2)), sides)).toEqual([`"${second.text}": ${words}`]);
  });

  test('marks of formatting and a removed text make no difference', () => {
    const sides = {
      matrix: [anna('m1', '*a* _b_\n\n- c'), anna('m2', '', { deleted: true })],
      xmpp: [ghost('x1', '*a* b\n- c'), ghost('x2', 'two', { deleted: true })],
    };
    expect(differences(rowsOf(sides, told(1, 2)), sides)).toEqual([]);
  });
});
