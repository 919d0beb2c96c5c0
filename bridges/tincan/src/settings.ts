import { FEATURES, type Feature } from '@brygga/contract';
import { z } from 'zod';

const feature = z.enum(FEATURES);

/** `networks[].settings` of a tincan network. */
export const TincanSettings = z.strictObject({
  world: z.string().min(1).default('tincan').describe('Name of the network in the world.'),
  password: z.string().default('').meta({ secret: true }).describe("The network's password for bridges."),
  idempotency: z
    .enum(['key', 'lookup'])
    .default('key')
    .describe('Whether the network knows delivery keys, or is asked before sending again.'),
  without: z
    .array(feature)
    .default([])
    .describe('Features to be carried in a fallback, or not at all, as on a lesser network.'),
  refuse: z.array(feature).default([]).describe('Features to be refused.'),
  sendWindow: z.int().min(1).max(256).default(16),
  sendTimeoutMs: z.int().min(1).max(600_000).default(30_000),
  pollMs: z
    .int()
    .min(10)
    .max(3_600_000)
    .default(30_000)
    .describe('How often the newest number of each channel is compared, should a notification be forgotten.'),
});
export interface TincanSettings {
  world: string;
  password: string;
  idempotency: 'key' | 'lookup';
  without: Feature[];
  refuse: Feature[];
  sendWindow: number;
  sendTimeoutMs: number;
  pollMs: number;
}
