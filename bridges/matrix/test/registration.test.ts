import { networkId } from '@brygga/event';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { matrix } from '../src/index.ts';
import { registrationFile } from '../src/registration.ts';
import { MatrixSettings } from '../src/settings.ts';

const input = {
  homeserverUrl: 'https://hs.agency.test',
  serverName: 'agency.test',
  asToken: 'c4b1a2d3e4f5061728394a5b6c7d8e9fc4b1a2d3',
  hsToken: '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c',
  listen: { port: 9005 },
};
const settings = MatrixSettings.parse(input);
const network = networkId('agency-matrix');

describe('the registration file', () => {
  const text = registrationFile(network, settings);
  const file = parse(text);

  test('holds what the homeserver wants', () => {
    expect(file).toMatchObject({
      id: 'brygga-agency-matrix',
      url: 'http://127.0.0.1:9005',
      as_token: input.asToken,
      hs_token: input.hsToken,
      sender_localpart: '_brygga_sender',
      rate_limited: false,
      receive_ephemeral: true,
    });
  });

  test('its namespace takes our users and nobody else, also where only the start is matched', () => {
    const [{ regex, exclusive }] = file.namespaces.users;
    const matches = (user: string) => new RegExp(`^(?:${regex})`).test(user);
    expect(exclusive).toBe(true);
    expect(matches('@_brygga_tax-xmpp_anna:agency.test')).toBe(true);
    expect(matches('@_brygga_tax-xmpp_anna:agencyxtest')).toBe(false);
    expect(matches('@_brygga_tax-xmpp_anna:agency.test.evil.test')).toBe(false);
    expect(matches('@ada:agency.test')).toBe(false);
  });

  test('warns of tokens nobody drew by lot', () => {
    expect(text).not.toContain('REPLACE');
    const weak = { ...settings, asToken: 'change-me-change-me-change-me-change-me' };
    expect(registrationFile(network, weak)).toContain('REPLACE');
  });

  test('an address of its own, and IPv6', () => {
    expect(parse(registrationFile(network, { ...settings, url: 'https://hub.test/x' })).url).toBe(
      'https://hub.test/x',
    );
    const six = { ...settings, listen: { host: '::1', port: 1 } };
    expect(parse(registrationFile(network, six)).url).toBe('http://[::1]:1');
  });
});

describe('settings', () => {
  test('the least that is needed, with usual values for the rest', () => {
    expect(settings).toMatchObject({
      ghostPrefix: '_brygga_',
      botLocalpart: '_brygga_bot',
      catchUpSeconds: 3600,
    });
  });

  test.each([
    ['a short token', { asToken: 'short' }],
    ['a bot that could be a ghost', { botLocalpart: '_brygga_my_bot' }],
    ['a bot outside the namespace', { botLocalpart: 'bot' }],
    ['one user for two offices', { senderLocalpart: '_brygga_bot' }],
    ['a broken pattern', { ignoreSenders: ['('] }],
    ['an unknown field', { homeserver: 'x' }],
    ['another scheme', { homeserverUrl: 'ftp://x' }],
  ])('refuses %s', (_, change) => {
    expect(MatrixSettings.safeParse({ ...input, ...change }).success).toBe(false);
  });

  test('every field is described, and secrets are marked', () => {
    for (const [name, field] of Object.entries(MatrixSettings.shape)) {
      expect(field.description, name).toBeTruthy();
    }
    expect(MatrixSettings.shape.asToken.meta()).toMatchObject({ secret: true });
    expect(MatrixSettings.shape.hsToken.meta()).toMatchObject({ secret: true });
  });

  test('a channel is a room id', () => {
    expect(matrix.channelProblem('!abc:agency.test', settings)).toBeNull();
    expect(matrix.channelProblem('#kitchen:agency.test', settings)).toContain('not an alias');
    expect(matrix.channelAddress?.('!abc:agency.test', settings)).toBe('!abc:agency.test');
  });
});
