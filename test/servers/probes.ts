import { request } from 'node:http';
import { connect } from 'node:net';

const HOST = '127.0.0.1';
const PROBE_MS_MAX = 5_000;

/** True when something accepts connections on the port. */
export const accepts = (port: number): Promise<boolean> =>
  exchange(port, undefined).then((answer) => answer !== undefined);

/** True when a Redis on the port answers PING with PONG; one that still loads its data does not. */
export const answersPing = (port: number): Promise<boolean> =>
  exchange(port, 'PING\r\n').then((answer) => answer?.startsWith('+PONG') ?? false);

/** Connects, says something, resolves with the first answer; undefined when that fails. */
function exchange(port: number, say: string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    const end = (answer: string | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_MS_MAX, () => end(undefined));
    socket.once('error', () => end(undefined));
    socket.once('close', () => end(undefined));
    socket.once('connect', () => (say === undefined ? end('') : socket.write(say)));
    socket.once('data', (data) => end(data.toString('utf8')));
  });
}

/** An HTTP answer; `body` is parsed JSON, or undefined where there is none. */
export interface JsonAnswer {
  status: number;
  body: unknown;
}

/**
 * One HTTP exchange in JSON over a connection of its own: a kept connection would die with a server that is
 * stopped and started.
 */
export function httpJson(method: 'GET' | 'POST', url: string, body?: unknown): Promise<JsonAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const call = request(url, { method, headers, agent: false, timeout: 30_000 }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, body: parse(Buffer.concat(chunks)) }),
      );
    });
    call.once('timeout', () => call.destroy(new Error(`${method} ${url}: no answer in 30 s`)));
    call.once('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
