import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { House } from './house.ts';

/** The settings file of a house, as far as tests change it. */
export interface HouseSettings {
  hub: { http: { port: number } };
  redis: { url: string };
  networks: { id: string; settings: Record<string, unknown> }[];
  rooms: Record<string, unknown>[];
  limits: Record<string, unknown>;
}

export const settingsOf = ({ config }: Pick<House, 'config'>): HouseSettings =>
  parse(readFileSync(config, 'utf8')) as HouseSettings;

/**
 * Writes the house's settings with `change` made to them: into a further file of that name beside it, or (null)
 * into its own. Returns the path.
 */
export function withSettings(
  house: Pick<House, 'config' | 'folder'>,
  name: string | null,
  change: (settings: HouseSettings) => void,
): string {
  const settings = settingsOf(house);
  change(settings);
  const path = name === null ? house.config : join(house.folder, name);
  writeFileSync(path, stringify(settings), { mode: 0o600 });
  return path;
}
