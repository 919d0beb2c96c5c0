import { type LoadedSettings, UnfitRedis } from '@brygga/hub';
import { EXIT, type Exit } from '../exit.ts';
import type { HubDoor, Io } from '../io.ts';
import { type ConfigOption, settingsOrNull } from '../settings.ts';
import { clean, reasonOf } from '../text.ts';

type Running = Awaited<ReturnType<HubDoor['startHub']>>;

/** `brygga start`: runs the hub until it is told to stop. */
export async function start(option: ConfigOption, io: Io): Promise<Exit> {
  const opened = settingsOrNull(option, io);
  if (opened === null) return EXIT.problem;
  const { loaded } = opened;
  if (loaded.settings.hub.strict && loaded.warnings.length > 0) {
    io.err('brygga: not started: hub.strict is on and the settings have warnings\n');
    return EXIT.strict;
  }
  const stop = stopRequest(io);
  try {
    const hub = await begin(loaded, io, stop.signal);
    return typeof hub === 'number' ? hub : await untilStopped(hub, stop.asked, loaded, io);
  } finally {
    stop.forget();
  }
}

/** The first request to stop ends also a start that is under way; the second ends the process. */
function stopRequest(io: Io): {
  readonly asked: Promise<void>;
  readonly signal: AbortSignal;
  forget(): void;
} {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = new AbortController();
  const forget = io.onStop(() => {
    if (stop.signal.aborted) return io.exitNow(EXIT.problem);
    io.err('brygga: stopping; what is under way is finished first (ask again to end at once)\n');
    stop.abort();
    resolve();
  });
  return { asked: promise, signal: stop.signal, forget };
}

/** The running hub, or the exit code when it did not start. */
async function begin(loaded: LoadedSettings, io: Io, signal: AbortSignal): Promise<Running | Exit> {
  try {
    const bridges = new Map(
      [...loaded.networks].map(([id, { kind, settings }]) => [
        id,
        { bridge: kind.create(id, settings), settings },
      ]),
    );
    const log = io.hub.createLog(loaded.settings.hub.log.level);
    const hub = await io.hub.startHub({ settings: loaded.settings, bridges, log, signal });
    io.err(`brygga: started; health and metrics at ${hub.url}\n`);
    return hub;
  } catch (error) {
    return signal.aborted ? EXIT.ok : notStarted(error, loaded, io);
  }
}

function notStarted(error: unknown, loaded: LoadedSettings, io: Io): Exit {
  if (!(error instanceof UnfitRedis)) {
    io.err(`brygga: not started: ${reasonOf(error, loaded.redact)}\n    brygga check --online tells more\n`);
    return EXIT.problem;
  }
  for (const { what, remedy = '' } of error.findings) {
    io.err(
      `brygga: not started: Redis: ${clean(loaded.redact(what))}\n    ${clean(loaded.redact(remedy))}\n`,
    );
  }
  return error.findings.some(({ level }) => level === 'fail') ? EXIT.problem : EXIT.strict;
}

async function untilStopped(
  hub: Running,
  asked: Promise<void>,
  loaded: LoadedSettings,
  io: Io,
): Promise<Exit> {
  await asked;
  try {
    await hub.stop();
    return EXIT.ok;
  } catch (error) {
    io.err(`brygga: not stopped in good order: ${reasonOf(error, loaded.redact)}\n`);
    return EXIT.problem;
  }
}
