import { describe, expect, it } from 'vitest';
import { addressOf, connect } from './connect.ts';

describe('the address of Redis', () => {
  it.each([
    ['redis://127.0.0.1', { host: '127.0.0.1', port: 6379, db: 0 }],
    ['redis://[::1]:6380/2', { host: '::1', port: 6380, db: 2 }],
    ['rediss://hub:p%40ss@redis.example:7000', { host: 'redis.example', username: 'hub', password: 'p@ss' }],
  ])('is read from %s', (url, expected) => {
    const redis = connect({ url }, 5000, () => undefined);
    redis.disconnect();
    expect(redis.options).toMatchObject(expected);
  });
});

it('with sentinels the address gives only how to speak to the master they name', () => {
  const sentinel = { name: 'main', hosts: ['[::1]:26380', 'sentinel.example.org'], password: 'q' };
  const address = addressOf({ url: 'rediss://u:p@unused/3', sentinel });
  expect(address).not.toHaveProperty('host');
  expect(address).toMatchObject({
    name: 'main',
    sentinels: [
      { host: '::1', port: 26_380 },
      { host: 'sentinel.example.org', port: 26_379 },
    ],
    sentinelPassword: 'q',
    username: 'u',
    password: 'p',
    db: 3,
    tls: {},
    enableTLSForSentinelMode: true,
  });
});
