/**
 * What a log line may hold: ids, codes and numbers. There is no field for text, so none can leak. `code` names
 * what happened in lower-case words with dots: `connection.lost`.
 */
export interface LogFields {
  readonly network?: string;
  readonly room?: string;
  readonly link?: string;
  readonly lane?: string;
  readonly event?: string;
  readonly key?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly feature?: string;
  readonly status?: number;
  readonly count?: number;
  readonly attempt?: number;
  readonly ms?: number;
  readonly bytes?: number;
  readonly port?: number;
  readonly version?: string;
  /** Class name of an unexpected error and where it was thrown, never its message. */
  readonly fault?: string;
}

export interface Log {
  debug(code: string, fields?: LogFields): void;
  info(code: string, fields?: LogFields): void;
  warn(code: string, fields?: LogFields): void;
  error(code: string, fields?: LogFields): void;
}

/** Names an unexpected error without its message, which may hold what people wrote: `TypeError at render.ts:12`. */
export function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frame = /([\w.-]+\.[cm]?[jt]s:\d+)/.exec(error.stack?.split('\n').slice(1).join('\n') ?? '');
  return frame?.[1] === undefined ? error.name : `${error.name} at ${frame[1]}`;
}
