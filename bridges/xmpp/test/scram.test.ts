import { expect, it } from 'vitest';
import { Plain, Scram } from '../src/scram.ts';

const credentials = { username: 'user', password: 'pencil' };

it('gives the answers of RFC 5802 and RFC 7677', async () => {
  const sha1 = new Scram('sha1', 'fyko+d2lbbFgONRv9qkxdawL');
  expect(await sha1.response(credentials)).toBe('n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL');
  sha1.challenge('r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096');
  expect(await sha1.response(credentials)).toBe(
    'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
  );
  const sha256 = new Scram('sha256', 'rOprNGfwEbeRWgbNEkqO');
  await sha256.response(credentials);
  sha256.challenge('r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096');
  expect(await sha256.response(credentials)).toBe(
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  );
});

it('refuses a challenge that is not an answer to ours, or that would keep us busy for hours', async () => {
  for (const challenge of [
    'r=other,s=QSXCR+Q6sek8bf92,i=4096',
    'r=mine1,s=QSXCR+Q6sek8bf92,i=99999999',
    'r=mine1',
    '',
  ]) {
    const scram = new Scram('sha256', 'mine');
    await scram.response(credentials);
    scram.challenge(challenge);
    await expect(scram.response(credentials)).rejects.toThrow();
  }
});

it('escapes names, and writes one byte per letter', async () => {
  const scram = new Scram('sha1', 'n');
  expect(await scram.response({ username: 'a=b,c', password: '' })).toBe('n,,n=a=3Db=2Cc,r=n');
  expect(Buffer.from(new Plain().response({ username: 'å', password: 'ö' }), 'latin1').toString('utf8')).toBe(
    '\0å\0ö',
  );
});
