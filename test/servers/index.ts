/**
 * Private Redis, Prosody and Synapse servers on loopback, from Debian's packages, for tests.
 * The first use of one prepares it in the user's cache folder (see `prepare`).
 */
export { askRedis } from './ask-redis.ts';
export { prosodyAvailable, redisAvailable, synapseAvailable } from './availability.ts';
export { freePort } from './free-port.ts';
export { prepare } from './prepare-servers.ts';
export { startProsody } from './prosody.ts';
export { startRedis } from './redis.ts';
export { type ClusteredRedis, startClusteredRedis } from './redis-cluster.ts';
export { type ReplicatedRedis, startReplicatedRedis } from './redis-sentinel.ts';
export { startSynapse } from './synapse.ts';
export type {
  Availability,
  ComponentAccount,
  Progress,
  ProsodyOptions,
  ProsodyServer,
  RedisOptions,
  RedisServer,
  RunningServer,
  ServerName,
  ServerOptions,
  StopOptions,
  SynapseOptions,
  SynapseServer,
} from './types.ts';
