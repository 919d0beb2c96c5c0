import { type Finding, faultOf } from '@brygga/contract';
import type { LoadedNetwork, LoadedSettings } from '@brygga/hub';
import type { Io } from './io.ts';
import type { Progress } from './progress.ts';
import { clean } from './text.ts';

/** What was found at one place. */
export interface Group {
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** How long a network (or Redis) may take to answer everything it is asked. */
export const ANSWER_WITHIN_MS = 30_000;
/** Networks asked at a time. */
const AT_A_TIME = 8;

const slow: Finding = {
  level: 'fail',
  what: `no answer within ${ANSWER_WITHIN_MS / 1000} s`,
  remedy:
    'see that the server runs and that the address in the settings reaches it from here (firewall, proxy)',
};

const broke = (error: unknown): Finding => ({
  level: 'fail',
  what: `the check itself broke: ${faultOf(error)}`,
  remedy: 'this is a defect of the bridge: please report it with this line',
});

/** Nothing a server says gets out with a secret or a control character in it. */
function safe(findings: readonly Finding[], { redact }: LoadedSettings): Finding[] {
  return findings.map(({ level, what, remedy }) => ({
    level,
    what: clean(redact(what)),
    ...(remedy === undefined ? {} : { remedy: clean(redact(remedy)) }),
  }));
}

/** Runs `ask`; when it breaks or takes too long, that is the finding. */
async function within(
  io: Io,
  ask: (signal: AbortSignal) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const late = new AbortController();
  const answered = new AbortController();
  const timeout = io.clock.sleep(ANSWER_WITHIN_MS, answered.signal).then(() => [slow]);
  try {
    return await Promise.race([ask(late.signal), timeout]);
  } catch (error) {
    return [broke(error)];
  } finally {
    answered.abort();
    late.abort();
  }
}

/** Is Redis as the hub needs it? */
export async function askRedis(loaded: LoadedSettings, io: Io): Promise<Group> {
  const findings = await within(io, () => io.hub.checkRedis(loaded.settings.redis));
  return { name: 'redis', findings: safe(findings, loaded) };
}

/** Does somebody else carry between the same channels? */
export async function askOtherHubs(loaded: LoadedSettings, io: Io): Promise<Group[]> {
  const findings = await within(io, () => io.hub.checkOtherHubs(loaded.settings, io.clock));
  return findings.length === 0 ? [] : [{ name: 'other hubs', findings: safe(findings, loaded) }];
}

async function askNetwork(network: LoadedNetwork, loaded: LoadedSettings, io: Io): Promise<Group> {
  const { id, kind, settings, channels } = network;
  const findings = await within(io, async (signal) =>
    kind.create(id, settings).check({ network: id, settings, channels, clock: io.clock, signal }),
  );
  return { name: `${id} (${kind.manifest.title})`, findings: safe(findings, loaded) };
}

/** Asks networks, several at a time; the answers come in the order of the settings. */
export async function askNetworks(
  networks: readonly LoadedNetwork[],
  loaded: LoadedSettings,
  io: Io,
  told: Progress,
): Promise<Group[]> {
  const groups: Group[] = [];
  const open = new Set<string>();
  const left = networks.entries();
  const worker = async (): Promise<void> => {
    for (const [index, network] of left) {
      open.add(network.id);
      told([...open].join(', '));
      groups[index] = await askNetwork(network, loaded, io);
      open.delete(network.id);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return groups;
}

interface Listener {
  readonly owner: string;
  readonly host: string;
  readonly port: number;
}

const isEverywhere = (host: string): boolean => host === '0.0.0.0' || host === '::' || host === '';

const clash = (a: Listener, b: Listener): boolean =>
  a.port !== 0 && a.port === b.port && (a.host === b.host || isEverywhere(a.host) || isEverywhere(b.host));

function listenersOf({ settings, networks }: LoadedSettings): Listener[] {
  const own = { owner: 'hub.http', ...settings.hub.http };
  const faces = [...networks.values()].flatMap(({ id, kind, settings: given }): Listener[] => {
    const { http } = kind.create(id, given);
    return http === undefined ? [] : [{ owner: id, host: http.host, port: http.port }];
  });
  return [own, ...faces];
}

/** Two networks that want to listen on one port: the hub would fail to start. */
export function listeners(loaded: LoadedSettings): Group[] {
  const all = attempt(() => listenersOf(loaded));
  const findings = all.flatMap((one, index) =>
    all.slice(0, index).flatMap((other): Finding[] => {
      if (!clash(one, other)) return [];
      const what = `${other.owner} and ${one.owner} both listen on port ${one.port}`;
      return [{ level: 'fail', what, remedy: 'give one of them another port' }];
    }),
  );
  return findings.length === 0 ? [] : [{ name: 'ports', findings }];
}

/** A bridge that cannot be made is told of where its network is asked. */
function attempt(make: () => Listener[]): Listener[] {
  try {
    return make();
  } catch {
    return [];
  }
}
