import {
  type LoadedSettings,
  type Problem,
  problemText,
  readSettings,
  type SettingsSource,
} from '@brygga/hub';
import type { Io } from './io.ts';

export interface ConfigOption {
  readonly config?: string;
}

/** What became of reading the settings file. `shown`: its path as people know it. */
export type Opened =
  | {
      readonly ok: true;
      readonly shown: string;
      readonly loaded: LoadedSettings;
      readonly source: SettingsSource;
    }
  | {
      readonly ok: false;
      readonly shown: string;
      readonly problems: readonly Problem[];
      readonly warnings: readonly Problem[];
    };

/** The settings file meant: `-c`, else $BRYGGA_CONFIG, else brygga.yaml here. */
export function settingsFile({ config }: ConfigOption, { env }: Io): string {
  const named = config ?? env.BRYGGA_CONFIG ?? '';
  return named === '' ? 'brygga.yaml' : named;
}

export function openSettings(option: ConfigOption, io: Io): Opened {
  const shown = settingsFile(option, io);
  const kinds = io.bridges.map(({ kind }) => kind);
  return { ...readSettings(shown, { env: io.env, readFile: io.readFile, kinds }), shown };
}

/** As `openSettings`; tells problems and warnings on standard error. Null when there are problems. */
export function settingsOrNull(option: ConfigOption, io: Io): Extract<Opened, { ok: true }> | null {
  const opened = openSettings(option, io);
  const tell = (problem: Problem): void => io.err(`${problemText(opened.shown, problem)}\n`);
  if (opened.ok) {
    for (const warning of opened.loaded.warnings)
      tell({ ...warning, message: `warning: ${warning.message}` });
    return opened;
  }
  for (const problem of opened.problems) tell(problem);
  return null;
}
