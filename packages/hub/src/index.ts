export { checkRedis, type RedisPlace, Unreadable } from '@brygga/bus';
export * from './desk/index.ts';
export { type Hub, type HubOptions, startHub, UnfitRedis } from './hub.ts';
export { createLog } from './log.ts';
export { checkOtherHubs } from './other-hubs/check.ts';
export { checkSeal } from './sealing.ts';
export * from './settings/index.ts';
