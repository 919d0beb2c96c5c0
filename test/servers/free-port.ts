import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range Linux takes outgoing ports from (32768 up): while a server is stopped for an outage
// test, no connection of somebody else can slip onto its port.
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const TRIES_MAX = 200;

const handedOut = new Set<number>();

/** A TCP port on 127.0.0.1 that nobody listens on; never the same one twice within this process. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const port = randomInt(PORT_MIN, PORT_MAX);
    if (handedOut.has(port) || !(await isFree(port))) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error(`no free port found between ${PORT_MIN} and ${PORT_MAX} on 127.0.0.1`);
}

/** Whether nobody listens on the port of 127.0.0.1 now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
