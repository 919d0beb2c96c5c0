import type { Finding } from '@brygga/contract';
import { checkSeal, type LoadedNetwork, type LoadedSettings, type Problem } from '@brygga/hub';
import { EXIT, type Exit } from '../exit.ts';
import type { Io } from '../io.ts';
import { networkOrNull } from '../network.ts';
import { askNetworks, askOtherHubs, askRedis, type Group, listeners } from '../online.ts';
import { progress } from '../progress.ts';
import { asJson, asText, type Report, tally } from '../report.ts';
import { type ConfigOption, type Opened, openSettings } from '../settings.ts';
import { counted } from '../text.ts';

export interface CheckOptions extends ConfigOption {
  readonly online?: boolean;
  readonly json?: boolean;
  readonly network?: string;
}

/** `brygga check`: is everything as it must be? Changes nothing anywhere. */
export async function check(options: CheckOptions, io: Io): Promise<Exit> {
  const opened = openSettings(options, io);
  if (!opened.ok) return tell(broken(opened), options, io);
  const { loaded } = opened;
  const chosen = options.network === undefined ? undefined : networkOrNull(options.network, loaded, io);
  if (chosen === null) return EXIT.usage;
  const online = options.online === true || chosen !== undefined;
  const groups = [settingsGroup(loaded), ...(online ? await ask(loaded, chosen, io) : [])];
  const { strict } = loaded.settings.hub;
  return tell({ file: opened.shown, online, strict, problems: [], groups }, options, io);
}

const findingOf = (level: Finding['level'], { line, field, message, remedy }: Problem): Finding => ({
  level,
  what: `line ${line}: ${field}: ${message}`,
  remedy,
});

function broken({ shown, problems, warnings }: Extract<Opened, { ok: false }>): Report {
  const findings = warnings.map((warning) => findingOf('warn', warning));
  return { file: shown, online: false, strict: false, problems, groups: [{ name: 'settings', findings }] };
}

function settingsGroup({ settings, warnings }: LoadedSettings): Group {
  const { organisations, networks, rooms } = settings;
  const links = rooms.reduce((sum, room) => sum + room.links.length, 0);
  const what = [
    counted(organisations.length, 'organisation'),
    counted(networks.length, 'network'),
    `${counted(rooms.length, 'room')} with ${counted(links, 'link')}`,
  ].join(', ');
  return {
    name: 'settings',
    findings: [
      { level: 'ok', what },
      ...warnings.map((warning) => findingOf('warn', warning)),
      checkSeal(settings),
    ],
  };
}

/** One network when one was chosen; else Redis, the ports, and all networks at a time. */
async function ask(loaded: LoadedSettings, chosen: LoadedNetwork | undefined, io: Io): Promise<Group[]> {
  const told = progress(io);
  try {
    if (chosen !== undefined) return await askNetworks([chosen], loaded, io, told);
    told('Redis');
    const redis = await askRedis(loaded, io);
    return [
      redis,
      ...(await askOtherHubs(loaded, io)),
      ...listeners(loaded),
      ...(await askNetworks([...loaded.networks.values()], loaded, io, told)),
    ];
  } finally {
    told(null);
  }
}

function tell(report: Report, { json }: CheckOptions, io: Io): Exit {
  io.out(json === true ? asJson(report) : asText(report, io.watched.out));
  const { warn, fail } = tally(report);
  if (fail > 0) return EXIT.problem;
  return report.strict && warn > 0 ? EXIT.strict : EXIT.ok;
}
