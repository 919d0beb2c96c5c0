import { type LoadedNetwork, type LoadedSettings, suggestion } from '@brygga/hub';
import type { Io } from './io.ts';

/** The network of that id; null (and said on standard error) when the settings have none. */
export function networkOrNull(id: string, { networks }: LoadedSettings, io: Io): LoadedNetwork | null {
  const found = [...networks.values()].find((network) => network.id === id);
  if (found !== undefined) return found;
  io.err(`brygga: there is no network "${id}": ${suggestion(id, [...networks.keys()], 'networks')}\n`);
  return null;
}
