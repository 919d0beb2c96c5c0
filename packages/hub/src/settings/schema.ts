import { LANGUAGES } from '@brygga/contract';
import { ChannelId, LinkId, NetworkId, OrganisationId, RoomId } from '@brygga/event';
import { z } from 'zod';

/*
 * Every field has a description: the sample file, the remedies of `brygga check` and the README are made from
 * them. Units stand in the field's name. `.meta({ secret: true })` masks a value wherever settings are shown,
 * `secret: 'url'` masks user, password and query of an address.
 */

const hours = (max: number, usual: number) => z.number().positive().max(max).default(usual);
const days = (max: number, usual: number) => z.number().positive().max(max).default(usual);

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const language = z.enum(LANGUAGES);
const timeZone = z.string().refine(isTimeZone, 'use the name of a time zone, such as Europe/Stockholm');

const Hub = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'use 1 to 32 of a-z 0-9 - and begin with a letter or digit')
    .default('brygga')
    .describe('Name of this hub in the markers of what it sends. Never change it while links are open.'),
  language: language
    .default('en')
    .describe('Language of what the hub and its bridges say in channels, where a room has none of its own.'),
  timeZone: timeZone
    .default('Europe/Stockholm')
    .describe('Time zone of what the hub itself says in channels, where a room has none of its own.'),
  strict: z.boolean().default(false).describe('Refuse to start where the start-up check would only warn.'),
  http: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address of /healthz, /readyz and /metrics.'),
      port: z
        .int()
        .min(0)
        .max(65_535)
        .default(8080)
        .describe('Port of /healthz, /readyz and /metrics. 0: any free one (the log tells).'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error'])
        .default('info')
        .describe('From which level on lines are written. No level logs message text.'),
    })
    .prefault({}),
});

const SealKey = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'use 1 to 32 of a-z 0-9 -')
    .describe('Written beside what the key seals. Never give another key the same one.')
    .meta({ examples: ['2026-11'] }),
  key: z
    .string()
    .regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'this is not 32 bytes in base64')
    .meta({ secret: true })
    .describe('32 bytes in base64. To make one: openssl rand -base64 32'),
});

const HostAndPort = z.string().regex(/^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i, 'write host:port');

const Sentinel = z.strictObject({
  name: z
    .string()
    .min(1)
    .describe('What the sentinels call the master.')
    .meta({ examples: ['brygga'] }),
  hosts: z
    .array(HostAndPort)
    .min(1)
    .max(16)
    .describe('The sentinels. Port 26379 may be left out.')
    .meta({ examples: [['sentinel-1.example.org:26379', 'sentinel-2.example.org:26379']] }),
  user: z.string().min(1).optional().describe('For the sentinels, when they ask for one.'),
  password: z
    .string()
    .min(1)
    .optional()
    .meta({ secret: true })
    .describe('For the sentinels, when they ask for one.'),
});

const Cluster = z.strictObject({
  hosts: z
    .array(HostAndPort)
    .min(1)
    .max(64)
    .describe('Nodes that are asked for the others. Port 6379 may be left out.')
    .meta({ examples: [['redis-1.example.org:6379', 'redis-2.example.org:6379']] }),
});

const Redis = z.strictObject({
  url: z
    .string()
    .regex(/^rediss?:\/\//, 'write redis://host:port or rediss://host:port')
    .default('redis://127.0.0.1:6379')
    .meta({ secret: 'url' })
    .describe('Where the bus lives. Needs append-only file on and maxmemory-policy noeviction.'),
  sentinel: Sentinel.optional().describe(
    'Redis Sentinel: the sentinels are asked where Redis is. Of url only user, password, number and rediss count then.',
  ),
  cluster: Cluster.optional().describe(
    'Redis Cluster: these nodes say where the data is. Of url only user, password and rediss count then.',
  ),
  replicas: z
    .int()
    .min(0)
    .max(8)
    .default(0)
    .describe(
      'How many copies of Redis must have each step before anything follows from it. With sentinels or a cluster take 1 or more: a fail-over then forgets nothing. While fewer copies are there, nothing is accepted.',
    ),
  prefix: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'use 1 to 32 of a-z 0-9 -')
    .default('brygga')
    .describe('First part of every key: two hubs on one Redis need two prefixes.'),
  sealKeys: z
    .array(SealKey)
    .max(2, 'too many keys: two at most, the new one first, and the old one that still opens')
    .default([])
    .describe(
      'Seals (AES-256-GCM) what carries words, names or files. The first key seals, each opens. For another key put it first and keep the old one as second. What was sealed with a key that is taken away waits until it is back.',
    ),
  seal: z
    .boolean()
    .default(true)
    .describe('Whether the first of sealKeys seals. false: the keys only open, on the way back to none.'),
});

const Organisation = z.strictObject({
  id: OrganisationId.describe('Short name the networks refer to.').meta({ examples: ['skv'] }),
  name: z
    .string()
    .min(1)
    .max(120)
    .describe('Stands in brackets behind the names of its people.')
    .meta({ examples: ['Skatteverket'] }),
});

const Network = z.strictObject({
  id: NetworkId.describe('Name of this deployment, for instance skv-chat. Never change it.'),
  bridge: z.string().describe('Which bridge speaks to it.'),
  organisation: OrganisationId.describe('Id of the organisation that owns it.'),
  settings: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("The bridge's own settings: see its README."),
});

const Link = z.strictObject({
  id: LinkId.optional().describe("Name of the link in its room; the network's id when left out."),
  network: NetworkId.describe('Id of the network the channel is on.'),
  channel: ChannelId.describe('The channel in the words of its network. It may be in one room only.'),
  mode: z
    .enum(['active', 'readOnly', 'paused'])
    .default('active')
    .describe('readOnly: what is written there is not carried on. paused: deliveries wait.'),
  deliverWithinHours: hours(24 * 90, 72).describe(
    'After that a delivery that still waits becomes a dead letter.',
  ),
});

const Room = z.strictObject({
  id: RoomId.describe('Short name of the room, for the log and the operators.'),
  name: z.string().min(1).max(200).describe('Name of the room as people see it.'),
  massMentions: z.boolean().default(false).describe('Let @room, @all, @here cross.'),
  membership: z.boolean().default(true).describe('Say on the other links who joined and left.'),
  topic: z.boolean().default(true).describe('Carry the topic.'),
  typing: z.boolean().default(true).describe('Carry who is writing.'),
  announce: z.boolean().default(true).describe('Say at the opening of a link who takes part.'),
  language: language
    .optional()
    .describe("Language of what the hub and its bridges say in its channels; the hub's when left out."),
  timeZone: timeZone
    .optional()
    .describe("Time zone of what the hub says in its channels; the hub's when left out.")
    .meta({ examples: ['Europe/Helsinki'] }),
  otherHubs: z
    .enum(['yield', 'ignore'])
    .default('yield')
    .describe(
      'When an earlier hub carries between the same channels. yield: nothing is carried between them until this one is started anew. ignore: all comes twice; for channels where somebody feigns to be a hub.',
    ),
  links: z.array(Link).min(1).max(64).describe('The channels that are one room.'),
});

const Limits = z.strictObject({
  deduplicationDays: days(3650, 30).describe(
    'How long a repeated notification is recognised. After that one that comes again is carried again. Messages, edits and reactions are recognised at least as long as idMapDays.',
  ),
  idMapDays: days(3650, 365).describe(
    'How long replies, edits, reactions and removals find their message. After that an answer goes as a plain message, an edit as a new message, and a removal or reaction is not carried.',
  ),
  deadLetterDays: days(3650, 30).describe(
    'How long a dead letter is kept. After that what was not delivered is gone, and with it the last copy of its words here.',
  ),
  leaseSeconds: z
    .number()
    .min(2)
    .max(60)
    .default(8)
    .describe('After that another process takes over from a dead one.'),
  redisSilentSeconds: z
    .number()
    .min(0.5)
    .max(60)
    .default(5)
    .describe('A Redis that answers nothing for that long counts as gone: it is connected to anew.'),
  asideSeconds: z
    .number()
    .min(0)
    .max(600)
    .default(10)
    .describe(
      'How long an event waits for its target; ten times as long while that may be one whose delivery is not settled.',
    ),
  asideMax: z
    .int()
    .min(0)
    .max(10_000)
    .default(200)
    .describe('How many events of a room may wait for targets.'),
  laneItemsMax: z
    .int()
    .min(100)
    .max(10_000_000)
    .default(200_000)
    .describe(
      'How many items a lane may hold. From there on its room takes nothing more, and networks are told to wait.',
    )
    .meta({ unit: 'items' }),
  laneBytesMax: z
    .int()
    .min(100_000)
    .max(1_000_000_000_000)
    .default(250_000_000)
    .describe('How much memory of Redis a lane may take, to the same effect. Looked at every few seconds.')
    .meta({ unit: 'bytes' }),
  lateSeconds: z
    .number()
    .min(1)
    .max(86_400)
    .default(45)
    .describe(
      'After that people are told that their messages wait, and late ones carry their time in words.',
    ),
  retryMaxSeconds: z.number().min(1).max(3600).default(60).describe('Longest pause between two tries.'),
});

/** The settings file, whole. Cross-references (networks, organisations, channels) are checked in `check.ts`. */
export const Settings = z.strictObject({
  hub: Hub.prefault({}).describe('The hub itself.'),
  redis: Redis.prefault({}).describe('The Redis that everything durable lies in.'),
  organisations: z
    .array(Organisation)
    .min(1)
    .max(1000)
    .describe('The agencies. Each is the controller of its own data.'),
  networks: z
    .array(Network)
    .min(1)
    .max(1000)
    .describe('The chat systems the hub is attached to, each with its bridge.'),
  rooms: z
    .array(Room)
    .max(20_000)
    .default([])
    .describe('The cross-agency rooms, each a set of links to channels.'),
  limits: Limits.prefault({}).describe('Times and sizes. The defaults are right for most.'),
});
export type Settings = z.infer<typeof Settings>;
export type RoomSettings = Settings['rooms'][number];
export type LinkSettings = RoomSettings['links'][number];
export type NetworkSettings = Settings['networks'][number];
