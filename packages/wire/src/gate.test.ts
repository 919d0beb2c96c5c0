import { describe, expect, test } from 'vitest';
import { Gate, Recent, Turns } from './gate.ts';

const held = () => Promise.withResolvers<string>();

describe('Gate', () => {
  test('lets so many in, the next in line, and turns away what is too much', async () => {
    const gate = new Gate(1, 1);
    const [one, two] = [held(), held()];
    const ran: string[] = [];
    const first = gate.run(async () => ran.push(await one.promise));
    const second = gate.run(async () => ran.push(await two.promise));
    expect(await gate.run(async () => 'no')).toBeNull();
    two.resolve('two');
    one.resolve('one');
    await Promise.all([first, second]);
    expect(ran).toEqual(['one', 'two']);
    expect(await gate.run(async () => 'free again')).toBe('free again');
  });

  test('a failure frees the place', async () => {
    const gate = new Gate(1, 0);
    await expect(gate.run(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await gate.run(async () => 1)).toBe(1);
  });
});

describe('Turns', () => {
  test('in order per key, side by side over keys, also past a failure', async () => {
    const turns = new Turns(10);
    const one = held();
    const ran: string[] = [];
    const first = turns.run('a', async () => {
      ran.push(await one.promise);
      throw new Error('x');
    });
    const second = turns.run('a', async () => ran.push('second'));
    await turns.run('b', async () => ran.push('other'));
    one.resolve('first');
    await expect(first).rejects.toThrow('x');
    await second;
    expect(ran).toEqual(['other', 'first', 'second']);
  });

  test('turns away what is too much, and takes again when it is less', async () => {
    const turns = new Turns(2);
    const one = held();
    const waiting = [turns.run('a', () => one.promise), turns.run('a', async () => 'x')];
    expect(await turns.run('a', async () => 'y')).toBeNull();
    one.resolve('done');
    await Promise.all(waiting);
    expect(await turns.run('a', async () => 'z')).toBe('z');
  });
});

test('Recent forgets what was used longest ago', () => {
  const recent = new Recent<number>(2);
  recent.set('a', 1);
  recent.set('b', 2);
  recent.get('a');
  recent.set('c', 3);
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([1, undefined, 3]);
  recent.delete('a');
  expect(recent.get('a')).toBeUndefined();
});
