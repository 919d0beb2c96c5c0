import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Frames, NotResp } from './resp.ts';

const FRAMES = [
  '+OK\r\n',
  '-ERR no\r\n',
  ':12\r\n',
  '$5\r\nhallo\r\n',
  '$0\r\n\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*0\r\n',
  '$4\r\n\r\n\r\n\r\n',
  '*2\r\n$3\r\nGET\r\n$1\r\na\r\n',
  '_\r\n',
  '#t\r\n',
  ',1.5\r\n',
  '=7\r\ntxt:abc\r\n',
  '%1\r\n+a\r\n~2\r\n:1\r\n:2\r\n',
  '>2\r\n+message\r\n$0\r\n\r\n',
  '*3\r\n:1\r\n*2\r\n+a\r\n$1\r\nb\r\n$-1\r\n',
] as const;

it('cuts a stream into its frames, however it is chopped', () => {
  const frames = fc.array(fc.constantFrom(...FRAMES), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(frames, fc.array(fc.nat(200)), (wanted, cuts) => {
      const stream = Buffer.from(wanted.join(''));
      const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort(
        (a, b) => a - b,
      );
      const cutter = new Frames();
      const found = places.flatMap((place, index) =>
        index === 0 ? [] : cutter.push(stream.subarray(places[index - 1], place)).map(String),
      );
      expect(found).toEqual(wanted);
    }),
  );
});

it('says so when it is something else', () => {
  expect(() => new Frames().push(Buffer.from('GET / HTTP/1.1\r\n'))).toThrow(NotResp);
});
