import type { BridgeContext, Delivery, Outcome } from '@brygga/contract';
import { Attendance } from './attendance.ts';
import { Connection } from './connection.ts';
import { deliver } from './deliver.ts';
import { Ghosts } from './ghosts.ts';
import { type Homeserver, openHomeserver } from './homeserver.ts';
import type { SendParts } from './job.ts';
import { PushGaps } from './push-gaps.ts';
import { putter } from './put.ts';
import { receiver } from './receive.ts';
import type { Room } from './rooms.ts';
import { send } from './send.ts';
import type { MatrixSettings } from './settings.ts';
import type { Transaction } from './transactions.ts';

/** All parts of an open bridge, put together in one place. */
export interface Session {
  readonly ctx: BridgeContext<MatrixSettings>;
  readonly homeserver: Homeserver;
  readonly ghosts: Ghosts;
  readonly connection: Connection;
  readonly attendance: Attendance;
  transaction(transaction: Transaction): Promise<boolean>;
  send(delivery: Delivery, room: Room, signal: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}

export async function openSession(ctx: BridgeContext<MatrixSettings>): Promise<Session> {
  const plain = await openHomeserver(ctx.network, ctx.settings, ctx.clock);
  const homeserver: Homeserver = {
    call: async (call) => {
      const answer = await plain.call(call);
      if (!answer.ok) connection.suspect(answer.failure);
      return answer;
    },
    close: () => plain.close(),
  };
  const ghosts = new Ghosts(ctx, homeserver);
  const { bot } = ghosts;
  const put = putter(homeserver, ghosts, ctx.clock);
  const taker = receiver(ctx, homeserver, ghosts);
  const attendance = new Attendance({ ctx, homeserver, ghosts, put, receiver: taker, bot });
  const gaps = new PushGaps(ctx.clock, ctx.settings.serverName, () => attendance.lookAgain());
  const listener = {
    up: () => {
      gaps.up();
      attendance.up();
    },
    down: () => attendance.down(),
  };
  // The look-out's own calls go past the watched ones: it would wake itself.
  const connection: Connection = new Connection(ctx, plain, new Ghosts(ctx, plain), listener);
  const space = { network: ctx.network, ghostOf: ghosts.idOf.bind(ghosts) };
  const { hub, clock, language } = ctx;
  const parts: SendParts = { hub, clock, language, homeserver, ghosts, put, space };
  const stop = new AbortController();
  connection.start(stop.signal);
  return {
    ctx,
    homeserver,
    ghosts,
    connection,
    attendance,
    transaction: (transaction) => deliver({ ctx, attendance, receiver: taker, bot, gaps }, transaction),
    send: (delivery, room, signal) => send(parts, delivery, room, signal),
    close: async () => {
      stop.abort();
      gaps.close();
      await attendance.close();
      await connection.ended();
      await homeserver.close();
    },
  };
}
