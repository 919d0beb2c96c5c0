import { describe, expect, it } from 'vitest';
import { connect } from './connect.ts';

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
