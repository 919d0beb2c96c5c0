import type { IncomingHttpHeaders } from 'node:http';

/** One REST exchange. `status` 0: no answer went out. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, or a line that says what it was. */
  readonly body: unknown;
  status: number;
  answer: unknown;
  answerHeaders: Readonly<Record<string, string>>;
}

/** One websocket frame with text in it. */
export interface Frame {
  readonly connectionId: string;
  readonly userId: string;
  readonly direction: 'sent' | 'received';
  readonly body: unknown;
}

const OF_INTEREST = ['content-type', 'content-length', 'user-agent', 'x-requested-with', 'accept'];

export function headersOf(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = OF_INTEREST.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  // The scheme shows that a request was authenticated, without keeping the secret.
  const scheme = headers.authorization?.split(' ')[0];
  return Object.fromEntries(scheme === undefined ? kept : [...kept, ['authorization', scheme]]);
}

export function readable(raw: Buffer, type: string): unknown {
  if (raw.length === 0) return undefined;
  if (/^(?:multipart|image|application\/octet-stream)/.test(type)) return `${raw.length} bytes of ${type}`;
  try {
    return JSON.parse(raw.toString());
  } catch {
    return raw.toString('utf8', 0, 200);
  }
}
