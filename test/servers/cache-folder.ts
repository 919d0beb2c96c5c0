import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Where prepared servers are kept for every checkout of this user:
 * `${XDG_CACHE_HOME:-~/.cache}/brygga/servers`.
 */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME: xdg } = process.env;
  // The XDG rules say that a relative path is to be ignored.
  const base = xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.cache');
  return join(base, 'brygga', 'servers');
}
