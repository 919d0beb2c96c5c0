import {
  type Bridge,
  type BridgeKind,
  type Capability,
  type CheckContext,
  FEATURES,
  type Feature,
  type Finding,
  full,
  graded,
  type HttpFace,
  type Manifest,
  refused,
} from '@brygga/contract';
import type { SampleBridge } from '@brygga/hub';
import { z } from 'zod';

const features = {
  ...(Object.fromEntries(FEATURES.map((feature) => [feature, full()])) as Record<Feature, Capability>),
  table: graded('fallback', 'fallback', 'flags have no columns'),
};

const manifest: Manifest = {
  protocol: 'semaphore',
  title: 'Semaphore',
  specifications: [{ id: 'Chappe code', version: '1795' }],
  features,
  limits: {
    textBytes: 1024,
    partsMax: 4,
    editAgeMs: 3_600_000,
    fileBytes: 1_048_576,
    reactions: 'unicode',
    sendWindow: 1,
    sendWindowOf: 'person',
    sendTimeoutMs: 1000,
  },
  idempotency: 'key',
  people: 'nameLine',
};

const Flags = z.strictObject({
  server: z.url().describe('Where the tower is.'),
  token: z.string().min(8, 'use at least 8 characters').meta({ secret: true }).describe('Key of the tower.'),
  arms: z.int().min(1).max(8).default(2).describe('Arms of the tower.'),
  mood: z
    .enum(['ok', 'warn', 'fail', 'silent', 'broken', 'chatty', 'unborn'])
    .default('ok')
    .describe('What its check finds.'),
  port: z.int().min(1).max(65_535).optional().describe('Port the hub listens on for the tower.'),
});
type Flags = z.infer<typeof Flags>;

const REMEDY = 'paint the flags';
const FINDINGS: Partial<Readonly<Record<Flags['mood'], readonly Finding[]>>> = {
  ok: [{ level: 'ok', what: 'the tower sees us' }],
  warn: [{ level: 'warn', what: 'the flags are faded', remedy: REMEDY }],
  fail: [{ level: 'fail', what: 'the tower has no flags', remedy: REMEDY }],
};

/** What the check of a tower in that mood finds; `chatty` repeats its key and rings the bell. */
async function look({ settings, signal }: CheckContext<Flags>): Promise<readonly Finding[]> {
  const { mood, token } = settings;
  if (mood === 'broken') throw new Error(`the key ${token} does not fit`);
  if (mood === 'chatty')
    return [{ level: 'warn', what: `key ${token}\u0007\n fail`, remedy: `not ${token}` }];
  if (mood === 'silent') await new Promise((resolve) => signal.addEventListener('abort', resolve));
  return FINDINGS[mood] ?? [];
}

function create(settings: Flags, own: Manifest): Bridge {
  if (settings.mood === 'unborn') throw new Error(`no tower opens with ${settings.token}`);
  const http: HttpFace | undefined =
    settings.port === undefined
      ? undefined
      : { host: '127.0.0.1', port: settings.port, routes: [], unknown: () => ({ status: 404, body: null }) };
  return {
    manifest: own,
    open: async ({ state }) => state('up'),
    close: async () => {},
    attach: async () => {},
    detach: async () => {},
    send: async () => refused('BRIDGE_FAULT'),
    check: (ctx) => look({ ...ctx, settings }),
    ...(http === undefined ? {} : { http }),
  };
}

const kind: BridgeKind<Flags> = {
  manifest,
  settings: Flags,
  channelProblem: (channel) => (channel.startsWith('hill:') ? null : 'write hill:name'),
  create: (_, settings) => create(settings, manifest),
  registration: (network, { token }) => `tower: ${network}\nkey: ${token}\n`,
};

/** The same, without a registration. */
const { registration: _, ...plain } = kind;
const drums: Manifest = { ...manifest, protocol: 'drum', title: 'Drum' };
const drum: BridgeKind<Flags> = {
  ...plain,
  manifest: drums,
  create: (__, settings) => create(settings, drums),
};

/** Two invented bridges: for the tests of the command line. */
export const INVENTED: readonly SampleBridge[] = [
  { kind, settings: { server: 'https://tower.example' }, channel: 'hill:one' },
  { kind: drum, settings: { server: 'https://drum.example' }, channel: 'hill:two' },
];
