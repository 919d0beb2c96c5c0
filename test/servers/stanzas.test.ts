import { expect, it } from 'vitest';
import { Stanzas } from './stanzas.ts';

const HEAD = `<?xml version='1.0'?><stream:stream to='bridge.localhost' xmlns='jabber:component:accept'>`;
const STANZAS = [
  '<handshake>aa</handshake>',
  `<message to='a@b' note="1 > 0"><body>räksmörgås &lt; 5 > 4</body><origin-id id='x'/></message>`,
  '<presence/>',
  `<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>`,
] as const;
const STREAM = `${HEAD}${STANZAS.join('')} </stream:stream>`;

it.each([1, 2, 3, 7, 1000])('cuts a stream into its stanzas, given %i bytes at a time', (size) => {
  const stanzas = new Stanzas();
  const bytes = Buffer.from(STREAM);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    stanzas.push(bytes.subarray(index * size, (index + 1) * size)),
  ).flat();
  expect(Buffer.concat(pieces.map((piece) => piece.bytes)).toString()).toBe(STREAM);
  expect(pieces.filter(({ stanza }) => stanza).map((piece) => piece.bytes.toString())).toEqual([...STANZAS]);
});

it('passes on a sign of life at once, and keeps half a stanza', () => {
  const stanzas = new Stanzas();
  stanzas.push(Buffer.from(HEAD));
  expect(stanzas.push(Buffer.from(' '))).toEqual([{ bytes: Buffer.from(' '), stanza: false }]);
  expect(stanzas.push(Buffer.from('<message><body>half'))).toEqual([]);
  expect(stanzas.push(Buffer.from(' and half</body></message>'))).toHaveLength(1);
});
