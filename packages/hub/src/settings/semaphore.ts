import {
  type Bridge,
  type BridgeKind,
  type Capability,
  FEATURES,
  type Feature,
  full,
  type Manifest,
} from '@brygga/contract';
import { z } from 'zod';
import type { AnyKind, LoadOptions } from './load.ts';

/** An invented protocol: for the tests of the settings. */
const manifest: Manifest = {
  protocol: 'semaphore',
  title: 'Semaphore',
  specifications: [],
  features: Object.fromEntries(FEATURES.map((feature) => [feature, full()])) as Record<Feature, Capability>,
  limits: {
    textBytes: 1000,
    partsMax: 4,
    editAgeMs: null,
    fileBytes: 0,
    reactions: 'any',
    sendWindow: 1,
    sendWindowOf: 'person',
    sendTimeoutMs: 1000,
  },
  idempotency: 'key',
  people: 'ghosts',
};

const Flags = z
  .strictObject({
    server: z.url({ protocol: /^https?$/ }).describe('Where the tower is.'),
    token: z
      .string()
      .min(8, 'use at least 8 characters')
      .meta({ secret: true })
      .describe('Key of the tower.'),
    arms: z.int().min(1).max(8).default(2).describe('Arms of the tower.'),
    lit: z.boolean().default(false).describe('Lamps at night.'),
    colour: z.enum(['red', 'white']).default('red').describe('Colour of the flags.'),
    pauseSeconds: z.number().positive().nullable().default(null).describe('Pause between two signs.'),
    listen: z.strictObject({ port: z.int().min(1).max(65_535).describe('Port.') }).optional(),
    hills: z.array(z.string()).default([]).describe('Hills in sight.'),
  })
  .refine(({ arms, lit }) => !(lit && arms > 4), {
    path: ['lit'],
    message: 'more than 4 arms cannot be lit',
  });

const kind: BridgeKind<z.infer<typeof Flags>> = {
  manifest,
  settings: Flags,
  channelProblem: (channel) => (/^hill:/i.test(channel) ? null : 'write hill:name'),
  channelAddress: (channel) => (channel === 'hill:unnamed' ? null : channel.toLowerCase()),
  create: (): Bridge => {
    throw new Error('the tests of the settings open no bridge');
  },
};

export const semaphore: AnyKind = kind;

/** Two networks and a room, all right. */
export const GOOD = `
organisations:
  - { id: north, name: Northern Watch }
  - { id: south, name: Southern Watch }
networks:
  - id: n
    bridge: semaphore
    organisation: north
    settings:
      server: https://n.example
      token: north-token-1
  - id: s
    bridge: semaphore
    organisation: south
    settings: { server: "https://s.example", token: "\${S_TOKEN}" }
rooms:
  - id: coast
    name: Coast
    links:
      - { network: n, channel: "hill:one" }
      - { network: s, channel: "hill:two" }
`;

/** Options of a load; no file exists, only S_TOKEN is set. */
export const options = (more: Partial<LoadOptions> = {}): LoadOptions => ({
  file: '/etc/brygga/brygga.yaml',
  env: { S_TOKEN: 'south-token-1' },
  readFile: () => ({ ok: false, why: 'missing' }),
  kinds: [semaphore],
  ...more,
});
