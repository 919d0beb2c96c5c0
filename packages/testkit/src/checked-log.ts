import type { Log, LogFields } from '@brygga/contract';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly code: string;
  readonly fields: LogFields;
}

/** Every field a log line may hold, from the contract's type, so that a new one cannot be forgotten here. */
const KNOWN: Readonly<Record<keyof LogFields, 'string' | 'number'>> = {
  network: 'string',
  room: 'string',
  link: 'string',
  lane: 'string',
  event: 'string',
  key: 'string',
  outcome: 'string',
  reason: 'string',
  feature: 'string',
  status: 'number',
  count: 'number',
  attempt: 'number',
  ms: 'number',
  bytes: 'number',
  port: 'number',
  version: 'string',
  fault: 'string',
};

/**
 * A log that keeps its lines and notes each one that could leak: an unknown field, a code that is a sentence, a
 * value long enough or spaced like what people write.
 */
export function checkedLog(problems: string[]): { readonly log: Log; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: LogLine['level']) =>
    (code: string, fields: LogFields = {}): void => {
      lines.push({ level, code, fields });
      if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(code))
        problems.push(`a log code that is none: ${code.slice(0, 40)}`);
      for (const [name, value] of Object.entries(fields)) problems.push(...fieldProblems(code, name, value));
    };
  return { log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines };
}

function fieldProblems(code: string, name: string, value: unknown): string[] {
  const wanted = Object.hasOwn(KNOWN, name) ? KNOWN[name as keyof LogFields] : undefined;
  if (wanted === undefined) return [`log line ${code} has the unknown field ${name}`];
  if (value === undefined) return [];
  if (typeof value !== wanted) return [`field ${name} of log line ${code} is no ${wanted}`];
  const sentence = typeof value === 'string' && name !== 'fault' && /\s\S+\s/.test(value);
  return sentence ? [`field ${name} of log line ${code} looks like text`] : [];
}
