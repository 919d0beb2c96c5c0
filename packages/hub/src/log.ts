import type { Log, LogFields } from '@brygga/contract';
import { pino } from 'pino';

/** The one place that writes the log: JSON lines of codes, ids and numbers on standard output. */
export function createLog(
  level: 'debug' | 'info' | 'warn' | 'error',
  destination?: { write(line: string): void },
): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'code' };
  const logger = destination === undefined ? pino(options) : pino(options, destination);
  return {
    debug: (code, fields) => logger.debug(known(fields), code),
    info: (code, fields) => logger.info(known(fields), code),
    warn: (code, fields) => logger.warn(known(fields), code),
    error: (code, fields) => logger.error(known(fields), code),
  };
}

const NAMES: ReadonlySet<string> = new Set<keyof LogFields>([
  'network',
  'room',
  'link',
  'lane',
  'event',
  'key',
  'outcome',
  'reason',
  'feature',
  'status',
  'count',
  'attempt',
  'ms',
  'bytes',
  'port',
  'version',
  'fault',
]);

/** Types keep text out at compile time; this keeps it out of what got past them. */
function known(fields: LogFields | undefined): LogFields {
  if (fields === undefined) return {};
  return Object.fromEntries(Object.entries(fields).filter(([name]) => NAMES.has(name)));
}
