import type { BusOptions } from '@brygga/bus';
import type { Clock } from '@brygga/contract';
import { newId } from './new-id.ts';
import { sealOf } from './sealing.ts';
import type { Settings } from './settings/schema.ts';

const DAY_SECONDS = 86_400;
/** Items of a lane read in one go. */
const BATCH = 100;

/** What the settings say to the bus. `onError` is given the code of each error of a connection. */
export function busOptions(settings: Settings, clock: Clock, onError: (code: string) => void): BusOptions {
  const { limits, redis } = settings;
  return {
    url: redis.url,
    prefix: redis.prefix,
    sentinel: redis.sentinel,
    cluster: redis.cluster,
    replicas: redis.replicas,
    seal: sealOf(settings),
    owner: newId(),
    clock,
    leaseMs: Math.round(limits.leaseSeconds * 1000), // Redis takes whole numbers
    knownSeconds: Math.ceil(limits.deduplicationDays * DAY_SECONDS),
    mapSeconds: Math.ceil(limits.idMapDays * DAY_SECONDS),
    deadLetterMs: Math.ceil(limits.deadLetterDays * DAY_SECONDS * 1000),
    laneItemsMax: limits.laneItemsMax,
    laneBytesMax: limits.laneBytesMax,
    batch: BATCH,
    silentMs: Math.ceil(limits.redisSilentSeconds * 1000),
    onError,
  };
}
