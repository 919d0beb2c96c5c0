import { waitFor } from '@brygga/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Stand } from '../../../test/networks/mattermost/stand.ts';
import type { SocketEvent } from '../src/native.ts';
import { inside, Post } from '../src/native.ts';
import { Socket } from '../src/socket.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await Stand.start();
});
afterAll(() => stand.stop());

/** What a bridge hears, in order: words of posts, and what befell the connection. */
class Heard {
  readonly news: string[] = [];
  readonly socket: Socket;

  constructor(token = stand.bot.rest.token) {
    this.socket = new Socket({
      url: stand.server.url,
      token,
      clock: stand.clock,
      random: () => 0.5,
      listener: {
        event: (event: SocketEvent) => {
          if (event.event === 'posted') this.news.push(inside(Post, event.data, 'post')?.message ?? '?');
        },
        up: (resumed) => void this.news.push(resumed ? 'resumed' : 'up'),
        down: (why) => void this.news.push(`down: ${why}`),
      },
    });
    this.socket.start();
  }

  /** Time passes for the server and the bridge alike until that is the last news. */
  async hears(...last: string[]): Promise<void> {
    const there = async (): Promise<boolean> => {
      await stand.clock.advance(500);
      return last.every((one, at) => this.news.at(at - last.length) === one);
    };
    await waitFor(there, { what: `${last.join(', ')} after ${this.news.join(', ')}`, everyMs: 5 });
  }
}

const open: Heard[] = [];
async function up(token?: string): Promise<Heard> {
  const heard = new Heard(token);
  open.push(heard);
  await heard.hears('up');
  return heard;
}
afterEach(async () => {
  stand.server.faults.clear();
  await Promise.all(open.splice(0).map(({ socket }) => socket.close()));
});
describe('a websocket of Mattermost', () => {
  it('tells what is posted', async () => {
    const channel = await stand.channel();
    const heard = await up();
    await stand.post(stand.admin, channel, 'one');
    await heard.hears('up', 'one');
  });

  it('comes back after a cut and goes on where it was', async () => {
    const channel = await stand.channel();
    const heard = await up();
    await stand.post(stand.admin, channel, 'one');
    await heard.hears('one');
    stand.server.dropSockets();
    await stand.post(stand.admin, channel, 'two');
    await heard.hears('one', 'down: closed', 'two', 'resumed');
  });

  it('says that it missed something when the server does not know the connection any more', async () => {
    const channel = await stand.channel();
    const heard = await up();
    await stand.server.restart();
    await stand.post(stand.admin, channel, 'lost');
    await heard.hears('up');
    await stand.post(stand.admin, channel, 'after');
    await heard.hears('after');
    expect(heard.news).not.toContain('resumed');
  });

  it('notices a lost event and has it said again', async () => {
    const channel = await stand.channel();
    const heard = await up();
    stand.server.faults.sockets.lose(stand.bot.id);
    await stand.post(stand.admin, channel, 'one');
    await stand.post(stand.admin, channel, 'two');
    await heard.hears('down: gap', 'one', 'two', 'resumed');
    expect(heard.news.filter((one) => one === 'two')).toHaveLength(1);
  });

  it('that is open but dead is noticed within 45 s', async () => {
    const channel = await stand.channel();
    const heard = await up();
    stand.server.halfOpen();
    const began = stand.clock.now();
    await stand.post(stand.admin, channel, 'one');
    await waitFor(async () => {
      await stand.clock.advance(500);
      return heard.news.includes('down: deaf');
    });
    expect(stand.clock.now() - began).toBeLessThan(45_000);
    await heard.hears('up');
  });

  it('whose session is not known any more is told as refused, within 45 s, though it stays open', async () => {
    const heard = await up();
    await stand.clock.advance(6000); // before that the server itself ends such a connection
    const began = stand.clock.now();
    stand.server.loseAuthentication(stand.bot.id);
    await waitFor(async () => {
      await stand.clock.advance(500);
      return heard.news.includes('down: refused');
    });
    expect(stand.clock.now() - began).toBeLessThan(45_000);
    await heard.hears('up'); // it was one failed read: the session is still good
  });

  it('is not there for a wrong token: the server says nothing and ends it', async () => {
    const heard = new Heard('wrong');
    open.push(heard);
    await waitFor(async () => {
      await stand.clock.advance(500);
      return heard.news.length >= 2;
    });
    expect(new Set(heard.news)).toEqual(new Set(['down: unreachable']));
  });
});
