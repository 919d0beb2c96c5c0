import type { Finding } from '@brygga/contract';
import type { Client } from './connect.ts';
import { Keys } from './keys.ts';

/**
 * How what rests in Redis is laid out: keys, lanes, items, id map. Raised by a change that an older version would
 * misread, with a way up from the one before; what is merely added does not raise it.
 */
export const SCHEMA = '1';

/** Writes down under that prefix what layout is used there, unless that is written already; what is found then. */
export async function claimSchema(redis: Client, prefix: string): Promise<Finding> {
  const { schema } = new Keys(prefix);
  await redis.set(schema, SCHEMA, 'NX');
  return schemaFinding(await redis.get(schema));
}

/** `schema`: as it is written in Redis; null when no hub has used that prefix yet. */
export function schemaFinding(schema: string | null): Finding {
  if (schema === null || schema === SCHEMA) return { level: 'ok', what: `data of schema ${SCHEMA}` };
  return {
    level: 'fail',
    what: `Redis holds data of schema ${/^\d{1,9}$/.test(schema) ? schema : 'unknown'}, and this version of Brygga knows ${SCHEMA}`,
    remedy: 'start the version that wrote it or a newer one: see deploy/runbook/rolling-upgrade.md',
  };
}
