import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventListener } from './client.ts';
import { Stand } from './stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.start();
});
afterAll(() => stand.stop());

const ping = () => stand.bot.rest.say('GET', '/system/ping');

describe('the rate limiter', () => {
  it('is off; when it is on it lets a burst through and one more each tenth of a second', async () => {
    expect((await ping()).headers.get('x-ratelimit-limit')).toBeNull();
    await stand.admin.rest.must('PUT', '/config/patch', {
      RateLimitSettings: { Enable: true, PerSec: 10, MaxBurst: 3 },
    });
    const statuses = [];
    for (let at = 0; at < 5; at += 1) statuses.push((await ping()).status);
    const refused = await ping();
    await stand.clock.advance(100);
    const later = await ping();
    stand.server.settings.RateLimit.enable = false;
    expect(statuses).toEqual([200, 200, 200, 200, 429]);
    expect([refused.body, refused.headers.get('content-type')]).toEqual([
      'limit exceeded\n',
      'text/plain; charset=utf-8',
    ]);
    const headers = ['retry-after', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'];
    expect(headers.map((name) => refused.headers.get(name))).toEqual(['1', '4', '0', '1']);
    expect([later.status, later.headers.get('x-ratelimit-remaining')]).toEqual([200, '0']);
  });
});

describe('the rate limiter, for websockets', () => {
  it('refuses the upgrade', async () => {
    stand.server.settings.RateLimit = { enable: true, perSec: 1, maxBurst: 0, varyByUser: true };
    const first = await stand.listen();
    const second = new EventListener(stand.server.url, stand.bot.rest.token);
    await second.closed();
    stand.server.settings.RateLimit.enable = false;
    expect([first.isClosed, second.heard]).toEqual([false, []]);
  });
});

describe('what is too much', () => {
  it('a body over the limit is 413 before anything else is looked at', async () => {
    const channel = await stand.channel();
    const body = { channel_id: channel.id, message: 'a', props: { big: 'x'.repeat(301_000) } };
    const refused = await stand.bot.rest.refused('POST', '/posts', body);
    expect(refused).toBe('413 api.context.request_body_too_large.app_error');
  });

  it('an address over 2048 characters is 414', async () => {
    const refused = await stand.bot.rest.refused('GET', `/users?x=${'x'.repeat(2048)}`);
    expect(refused).toBe('414 basic_security_check.url.too_long_error');
  });
});

describe('answers', () => {
  it('have a content type without a charset, and errors have five fields', async () => {
    const said = await stand.bot.rest.say('GET', '/plugins/none');
    expect(said.headers.get('content-type')).toBe('application/json');
    expect(said).toMatchObject({ status: 404, body: { id: 'api.context.404.app_error', status_code: 404 } });
    expect(Object.keys(said.body as object).sort()).toEqual([
      'detailed_error',
      'id',
      'message',
      'request_id',
      'status_code',
    ]);
  });

  it('name bad parameters of address and body apart', async () => {
    expect(await stand.bot.rest.refused('GET', '/posts/short')).toBe(
      '400 api.context.invalid_url_param.app_error',
    );
    const body = { raw: 'nonsense', type: 'application/json' };
    expect(await stand.bot.rest.refused('POST', '/posts', body)).toBe(
      '400 api.context.invalid_body_param.app_error',
    );
    const wrong = { channel_id: 7, message: 'a' };
    expect(await stand.bot.rest.refused('POST', '/posts', wrong)).toBe(
      '400 api.context.invalid_body_param.app_error',
    );
  });

  it('hide what failed inside in hardened mode: no id at all', async () => {
    const channel = await stand.channel();
    const post = { channel_id: channel.id, message: 'a', pending_post_id: 'hard' };
    const made = await stand.bot.rest.must('POST', '/posts', post);
    await stand.bot.rest.must('DELETE', `/posts/${made.id}`);
    stand.server.settings.ExperimentalEnableHardenedMode = true;
    const said = await stand.bot.rest.say('POST', '/posts', post);
    stand.server.settings.ExperimentalEnableHardenedMode = false;
    expect(said).toMatchObject({ status: 500, body: { id: '' } });
  });

  it('show settings as text to clients, with what a bridge needs to know', async () => {
    const config = await stand.bot.rest.must('GET', '/config/client?format=old');
    expect(config).toMatchObject({ MaxPostSize: '16383', Version: '11.7.0', EnableIncomingWebhooks: 'true' });
    const limited = await stand.bot.rest.as('').must('GET', '/config/client?format=old');
    expect(limited).not.toHaveProperty('MaxPostSize');
    expect(await stand.bot.rest.refused('GET', '/config/client')).toContain('501');
  });
});
