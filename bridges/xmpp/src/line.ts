import type { EventEmitter } from 'node:events';
import type { Clock } from '@brygga/contract';
import type { Dialled, Line, LineEvents } from './connection.ts';
import { careForDelay, careForInput, type Entity, netSocket } from './socket-care.ts';
import type { Element } from './stanza.ts';

/** What `line` needs of `component()` and `client()`. */
export interface Library extends Entity {
  on: EventEmitter['on'] | ((event: string, run: (...values: never[]) => void) => unknown);
  readonly reconnect: { stop(): void };
  start(): Promise<unknown>;
  stop(): Promise<unknown>;
  send(element: Element): Promise<unknown>;
}

const CONNECT_MS = 20_000;
const END_MS = 2000;

/** The condition of a stream error or SASL failure, `certificate`, or `unreachable`: never a message text. */
function conditionOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unreachable';
  if ('condition' in error && typeof error.condition === 'string') return error.condition;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /CERT|SELF_SIGNED|VERIFY|ALTNAME/.test(code) ? 'certificate' : 'unreachable';
}

/** Starts a connection of the library and turns it into a `Line`. `online` may hold it back until it is ready. */
export async function openLine(
  entity: Library,
  events: LineEvents,
  clock: Clock,
  signal: AbortSignal,
  online: () => Promise<string>,
): Promise<Dialled> {
  const state = { up: false, over: false, condition: null as string | null };
  const failed = Promise.withResolvers<null>();
  const disconnected = Promise.withResolvers<void>();
  // The library reconnects after a fixed second; `Connection` does it with growing pauses.
  entity.reconnect.stop();
  careForInput(entity, events.busy);
  const on = (event: string, run: (value: unknown) => void): void => void entity.on(event, run);
  on('error', (error) => {
    state.condition ??= conditionOf(error);
    failed.resolve(null);
  });
  on('connect', () => careForDelay(entity));
  on('stanza', (stanza) => events.stanza(stanza as Element));
  on('disconnect', () => {
    disconnected.resolve();
    failed.resolve(null);
    if (state.up && !state.over) events.ended(state.condition === 'unreachable' ? null : state.condition);
    state.over = true;
  });
  const cancel = clock.after(CONNECT_MS, () => failed.resolve(null));
  const abort = (): void => failed.resolve(null);
  signal.addEventListener('abort', abort, { once: true });
  const started = entity
    .start()
    .then(() => online())
    .catch((error: unknown) => {
      state.condition ??= conditionOf(error);
      return null;
    });
  const jid = await Promise.race([started, failed.promise]);
  cancel();
  signal.removeEventListener('abort', abort);
  const line = makeLine(entity, clock, disconnected.promise);
  if (jid === null || signal.aborted) {
    await line.end(true);
    return { line: null, condition: state.condition ?? 'unreachable' };
  }
  state.up = true;
  return { line: { ...line, jid } };
}

function makeLine(entity: Library, clock: Clock, disconnected: Promise<void>): Omit<Line, 'jid'> {
  const ignore = (): void => undefined;
  return {
    write: (stanza) => void send(entity, stanza).catch(ignore),
    pause: () => netSocket(entity.socket)?.pause(),
    resume: () => netSocket(entity.socket)?.resume(),
    end: async (rough = false) => {
      const socket = netSocket(entity.socket);
      // The library waits for the socket's end, which may have come before it began to wait.
      const stopped = rough ? null : entity.stop().then(ignore, ignore);
      if (stopped !== null) await Promise.race([stopped, disconnected, clock.sleep(END_MS)]);
      socket?.destroy();
    },
  };
}

/** The library throws, rather than rejects, when there is no socket. */
const send = async (entity: Library, stanza: Element): Promise<unknown> => entity.send(stanza);
