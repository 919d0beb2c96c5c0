import { effectiveYaml } from '@brygga/hub';
import { EXIT, type Exit } from '../exit.ts';
import type { Io } from '../io.ts';
import { type ConfigOption, settingsOrNull } from '../settings.ts';

/** `brygga config`: the settings in effect, secrets masked, and where each comes from. */
export function config(option: ConfigOption, io: Io): Exit {
  const opened = settingsOrNull(option, io);
  if (opened === null) return EXIT.problem;
  io.out(effectiveYaml(opened.loaded, opened.source));
  return EXIT.ok;
}
