import { ManualClock } from '@brygga/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { Connection } from '../src/connection.ts';
import { Ghosts } from '../src/ghosts.ts';
import { MatrixSettings } from '../src/settings.ts';
import { FakeHomeserver, no, refusal } from './fake-homeserver.ts';
import { FakeHub } from './fake-hub.ts';

const settings = MatrixSettings.parse({
  homeserverUrl: 'http://hs',
  serverName: 'hs.test',
  asToken: 'c4b1a2d3e4f5061728394a5b6c7d8e9f',
  hsToken: '9f8e7d6c5b4a39281706f5e4d3c2b1a0',
  listen: { port: 9005 },
});
const unreached = no({ kind: 'trouble', reason: 'refused', sent: false });
const stop: AbortController[] = [];

afterEach(() => {
  for (const one of stop.splice(0)) one.abort();
});

function begin(homeserver: FakeHomeserver) {
  const hub = new FakeHub();
  const clock = new ManualClock();
  const ctx = { ...hub.context(settings), clock };
  const heard: string[] = [];
  const listener = { up: () => heard.push('up'), down: () => heard.push('down') };
  const connection = new Connection(ctx, homeserver, new Ghosts(ctx, homeserver), listener);
  const ending = new AbortController();
  stop.push(ending);
  connection.start(ending.signal);
  const states = () =>
    hub.kept.states.map(({ state, code }) => (code === undefined ? state : `${state} ${code}`));
  return { connection, clock, heard, states, ending, hub };
}
const count = (homeserver: FakeHomeserver, match: RegExp) =>
  homeserver.lines.filter((line) => match.test(line)).length;

describe('the connection', () => {
  test('is up when the homeserver answers, knows us, and our bot is made', async () => {
    const homeserver = new FakeHomeserver();
    const { clock, heard, states, connection } = begin(homeserver);
    await clock.advance(0);
    expect(states()).toEqual(['connecting', 'up']);
    expect(heard).toEqual(['up']);
    expect(connection.isUp).toBe(true);
    expect(homeserver.lines.slice(0, 3)).toEqual([
      'GET /versions',
      'GET /v3/account/whoami',
      'POST /v3/register',
    ]);
    expect(homeserver.lines.at(-1)).toBe('POST /v1/appservice/brygga-agency-matrix/ping');
  });

  test('keeps trying, ever more slowly, until then', async () => {
    const homeserver = new FakeHomeserver().on(/versions/, unreached, 12);
    const { clock, states } = begin(homeserver);
    await clock.advance(10_000);
    const early = count(homeserver, /versions/);
    expect(early).toBeGreaterThan(3);
    await clock.advance(10_000);
    expect(count(homeserver, /versions/) - early).toBeLessThan(early);
    await clock.advance(120_000);
    expect(states().at(-1)).toBe('up');
    expect(states()).toContain('down NETWORK_DOWN');
  });

  test('a wrong token is told as such, and tried again', async () => {
    const homeserver = new FakeHomeserver().on(/whoami/, no(refusal(401, 'M_UNKNOWN_TOKEN')), 2);
    const { clock, states } = begin(homeserver);
    await clock.advance(0);
    expect(states()).toEqual(['connecting', 'refused CREDENTIALS_REFUSED']);
    await clock.advance(60_000);
    expect(states().at(-1)).toBe('up');
  });

  test('one missed answer is chance, two are an outage', async () => {
    const homeserver = new FakeHomeserver();
    const { clock, heard, connection } = begin(homeserver);
    await clock.advance(0);
    homeserver.on(/versions/, unreached, 1);
    await clock.advance(15_000);
    expect(heard).toEqual(['up']);
    homeserver.on(/versions/, unreached, 2);
    await clock.advance(15_000);
    expect(heard).toEqual(['up', 'down', 'up']);
    expect(connection.isUp).toBe(true);
  });

  test('a call that found nobody makes it look at once', async () => {
    const homeserver = new FakeHomeserver();
    const { clock, connection, heard } = begin(homeserver);
    await clock.advance(0);
    homeserver.on(/versions/, unreached, 2);
    connection.suspect(refusal(403));
    await clock.advance(0);
    expect(heard).toEqual(['up']);
    connection.suspect({ kind: 'trouble', reason: 'refused', sent: false });
    await clock.advance(0);
    expect(heard).toEqual(['up', 'down']);
  });

  test('asks to be called until the homeserver reaches us', async () => {
    const homeserver = new FakeHomeserver().on(/ping/, no(refusal(502, 'M_BAD_STATUS')), 2);
    const { clock, hub } = begin(homeserver);
    await clock.advance(30_000);
    expect(count(homeserver, /ping/)).toBe(3);
    expect(
      hub.kept.logged.filter(({ code }) => code === 'connection.not-reached-by-homeserver'),
    ).toHaveLength(2);
  });

  test('ends, and leaves no timer behind', async () => {
    const { clock, connection, ending } = begin(new FakeHomeserver());
    await clock.advance(0);
    ending.abort();
    await connection.ended();
    expect(clock.waiting).toBe(0);
  });
});
