import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const LISTENING = '0A';
/** 127.0.0.1 as the kernel prints it. */
const LOOPBACK = '0100007F';

/** One listening TCP socket of a process. */
export interface Listener {
  loopback: boolean;
  port: number;
}

/** All TCP sockets that a process listens on, IPv4 and IPv6, ordered by port. */
export function listeners(pid: number): Listener[] {
  const own = new Set(openSockets(pid));
  const rows = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n'),
  );
  const found: Listener[] = [];
  for (const row of rows) {
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
    if (state !== LISTENING || !own.has(inode)) continue;
    const [address, port = ''] = local.split(':');
    found.push({ loopback: address === LOOPBACK, port: Number.parseInt(port, 16) });
  }
  return found.sort((a, b) => a.port - b.port);
}

function openSockets(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const links = readdirSync(folder).map((name) => readlinkSync(`${folder}/${name}`));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

/** The effective user id that a process runs under. */
export const userOf = (pid: number): number =>
  Number(/^Uid:\s+\d+\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** Whether the process exists and is no mere entry waiting to be collected. */
export function lives(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Polls until the condition holds; rejects after `msMax` with the description. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  msMax = 10_000,
): Promise<void> {
  const deadline = Date.now() + msMax;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${msMax} ms: ${what}`);
    await sleep(20);
  }
}
