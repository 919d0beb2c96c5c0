import type { LogFields } from '@brygga/contract';
import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';

function written(level: 'debug' | 'info' | 'warn' | 'error' = 'debug') {
  const lines: Record<string, unknown>[] = [];
  const log = createLog(level, { write: (line) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}

describe('the log', () => {
  it('writes codes, ids and numbers as JSON lines', () => {
    const { log, lines } = written();
    log.info('delivery.done', { network: 'n', event: 'e', attempt: 2 });
    expect(lines).toEqual([
      { level: 30, time: expect.any(String), code: 'delivery.done', network: 'n', event: 'e', attempt: 2 },
    ]);
  });

  it('drops whatever is not one of its fields, such as text', () => {
    const { log, lines } = written();
    const leak = { network: 'n', text: 'a secret', body: { plain: 'a secret' }, err: new Error('a secret') };
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]('x', leak as LogFields);
    expect(lines).toHaveLength(4);
    expect(JSON.stringify(lines)).not.toContain('secret');
    expect(lines[0]).toMatchObject({ network: 'n' });
  });

  it('keeps to its level', () => {
    const { log, lines } = written('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.map(({ code }) => code)).toEqual(['c', 'd']);
  });
});
