import { describe, expect, test } from 'vitest';
import { beside, cells, harmless, shortened, wrapped } from './layout.ts';

describe('columns of text', () => {
  test.each([
    ['plain', 5],
    ['Umeå', 4],
    ['👍', 2],
    ['☕ 🎉', 5],
    ['👩‍🚒', 2],
    ['\u001b[1mbold\u001b[22m', 4],
    ['日本', 4],
  ])('%j takes %i', (text, count) => {
    expect(cells(text)).toBe(count);
  });

  test('lines break between words and keep within the width', () => {
    const lines = wrapped('Oj, wrong room. Nobody saw that.', 12);
    expect(lines).toEqual(['Oj, wrong', 'room. Nobody', 'saw that.']);
  });

  test('items hang, empty lines stay', () => {
    expect(wrapped('do:\n\n- go to Sundsvall', 11)).toEqual(['do:', '', '- go to', '  Sundsvall']);
  });

  test('a word that is too long is cut, never lost', () => {
    const lines = wrapped('see https://sporthallen.example/umea now', 10);
    expect(lines.join('').replaceAll(' ', '')).toBe('seehttps://sporthallen.example/umeanow');
    expect(Math.max(...lines.map(cells))).toBeLessThanOrEqual(10);
  });

  test('side by side, both columns stay in place', () => {
    const rows = beside(['Anna 👍', 'x'], ['Bosse'], 10);
    expect(rows).toEqual(['Anna 👍    │ Bosse', 'x          │']);
  });

  test('the beginning of a text', () => {
    expect(shortened('short', 10)).toBe('short');
    expect(shortened('one two\nthree four', 12)).toBe('one two …');
  });

  test('nothing from a server moves the cursor', () => {
    expect(harmless('a\u001b[2Jb\r\tc\u202ed\n')).toBe('a[2Jb  cd\n');
  });
});
