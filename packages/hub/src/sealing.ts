import { randomBytes } from 'node:crypto';
import { Seal } from '@brygga/bus';
import type { Finding } from '@brygga/contract';
import type { Settings } from './settings/schema.ts';

/** The seal that the settings ask for. */
export const sealOf = ({ redis }: Settings): Seal =>
  new Seal({ keys: redis.sealKeys, seals: redis.seal, random: randomBytes });

/** Whether what rests in Redis is sealed, and how to have it so. */
export function checkSeal({ redis }: Settings): Finding {
  const [first] = redis.sealKeys;
  if (first !== undefined && redis.seal)
    return { level: 'ok', what: `contents are sealed (key ${first.id})` };
  return {
    level: 'warn',
    what: 'contents are not sealed: who reads the memory, disk or backups of Redis reads what waits there',
    remedy:
      first === undefined
        ? 'make a key (openssl rand -base64 32), keep it outside of Redis, and name it in redis.sealKeys'
        : 'set redis.seal: true',
  };
}
