import type { Job } from './job.ts';

/** Every measure, in the order in which they are taken. */
export const ALL = [
  'redis',
  'jobs',
  'hub-50',
  'hub-2000',
  'jobs-idle',
  'hub-idle',
  'cost-10',
  'cost-2000',
  'neighbours',
  'memory',
  'prosody',
  'xmpp',
  'xmpp-20',
  'matrix',
] as const;
export type MeasureName = (typeof ALL)[number];

/** Those that need real servers. */
export const REAL: readonly MeasureName[] = ['prosody', 'xmpp', 'xmpp-20', 'matrix'];

/** One row of the table. */
export interface Row {
  readonly figure: string;
  readonly says: string;
  readonly unit: string;
  readonly digits: number;
}

export interface Measure {
  readonly title: string;
  readonly rows: readonly Row[];
  job(redis: string, seconds: number): Job;
}

/** Messages a second at which costs are compared. */
export const OFFERED = 1000;
/** Messages a second whose latency bad neighbours must not change. */
const OFFERED_IN_PEACE = 100;
const CONCURRENCIES = [50, 200, 500];

const row = (figure: string, says: string, unit: string, digits = 0): Row => ({ figure, says, unit, digits });

const perSecond = (figure: string, says: string): Row => row(figure, says, '/s');
const latency = [row('p50Ms', 'p50', 'ms', 2), row('p99Ms', 'p99', 'ms', 2)];
const cpu = [
  row('hubCpuMicros', 'CPU of the hub process', 'µs/msg'),
  row('redisCpuMicros', 'CPU of Redis', 'µs/msg'),
  row('stallMs', 'longest stall of the event loop', 'ms'),
];
const traffic = [
  row('redisScripts', 'scripts called', '/msg', 1),
  row('redisCommands', 'commands, those inside scripts included', '/msg', 1),
  row('redisReads', 'reads by Redis from the socket', '/msg', 2),
];

/** `underWay`: messages at a time, as many as serve it best, as BullMQ gets the concurrency that serves it best. */
const hubRate = (rooms: number, underWay: number): Measure => ({
  title: `hub, ${rooms} rooms of five links, ${underWay} messages under way`,
  rows: [
    perSecond('deliveriesPerSecond', 'deliveries'),
    row('repeated', 'deliveries made again, not being sure', ''),
    row('underWaySeconds', 'a message is under way for', 's', 1),
    ...cpu,
    ...traffic,
  ],
  job: (redis, seconds) => ({ kind: 'hub-rate', redis, seconds, rooms, underWay }),
});

const hubCost = (rooms: number): Measure => ({
  title: `hub, ${rooms} rooms of five links, ${OFFERED} messages/s offered`,
  rows: [
    perSecond('messagesPerSecond', 'messages carried'),
    ...cpu,
    ...traffic,
    row('keptBytes', 'memory of Redis kept', 'bytes/msg'),
    row('keptKeys', 'keys kept', '/msg', 1),
    row('writtenBytes', 'append-only file', 'bytes/msg'),
  ],
  job: (redis, seconds) => ({ kind: 'hub-cost', redis, seconds, rooms, perSecond: OFFERED }),
});

const real = (
  title: string,
  between: 'alone' | 'xmpp' | 'matrix',
  sizes: { readonly rooms: number; readonly underWay: number; readonly samplesPerSecond: number },
): Measure => ({
  title,
  rows: [
    ...latency,
    perSecond('perSecond', 'messages'),
    row('hubCpuMicros', 'CPU of the hub process', 'µs/msg'),
  ],
  job: (redis, seconds) => {
    const { rooms, underWay, samplesPerSecond } = sizes;
    return {
      kind: 'real',
      between,
      redis,
      seconds,
      rooms,
      underWay,
      samples: Math.ceil(seconds * samplesPerSecond),
    };
  },
});

const samples = (seconds: number): number => Math.ceil(seconds * 100);

export const MEASURES: Readonly<Record<MeasureName, Measure>> = {
  redis: {
    title: 'Redis alone: a stream, 500 XADD a pipeline, then XREADGROUP of 200 and XACK',
    rows: [
      perSecond('writtenPerSecond', 'entries written'),
      perSecond('readPerSecond', 'entries read and acknowledged'),
      perSecond('perSecond', 'entries through, one after the other'),
    ],
    job: (redis, seconds) => ({ kind: 'streams', redis, seconds }),
  },
  jobs: {
    title: 'BullMQ alone: jobs that do nothing, added beforehand',
    rows: [perSecond('perSecond', 'jobs'), row('concurrency', 'at the best concurrency', '')],
    job: (redis, seconds) => ({
      kind: 'jobs-rate',
      redis,
      seconds,
      concurrencies: CONCURRENCIES,
      jobs: Math.max(10_000, Math.round(seconds * 5000)),
    }),
  },
  'jobs-idle': {
    title: 'BullMQ alone, idle: from add to the worker',
    rows: latency,
    job: (redis, seconds) => ({ kind: 'jobs-idle', redis, seconds, samples: samples(seconds) }),
  },
  'hub-50': hubRate(50, 10_000),
  'hub-2000': hubRate(2000, 50_000),
  'hub-idle': {
    title: 'hub, 50 rooms of five links, idle: from accept to the send of the last link',
    rows: latency,
    job: (redis, seconds) => ({ kind: 'hub-idle', redis, seconds, rooms: 50, samples: samples(seconds) }),
  },
  'cost-10': hubCost(10),
  'cost-2000': hubCost(2000),
  neighbours: {
    title: `hub, 20 rooms of five links, ${OFFERED_IN_PEACE} messages/s, alone and beside bad neighbours`,
    rows: [
      row('quietP50Ms', 'p50 alone', 'ms', 2),
      row('quietP99Ms', 'p99 alone', 'ms', 2),
      row('p50Ms', 'p50 beside them', 'ms', 2),
      row('p99Ms', 'p99 beside them', 'ms', 2),
      perSecond('floodPerSecond', 'messages carried in the flooded room'),
      row('waiting', 'deliveries that wait for the bad links in the end', ''),
    ],
    job: (redis, seconds) => ({
      kind: 'hub-neighbours',
      redis,
      seconds: 2 * seconds,
      rooms: 20,
      perSecond: OFFERED_IN_PEACE,
      flood: 500,
    }),
  },
  memory: {
    title:
      'hub, 50 rooms of five links, all terms some seconds: what stays after a quarter and after all messages',
    rows: [
      row('messages', 'messages in all', ''),
      row('earlyHeldMegabytes', 'memory in use by the hub process after a quarter', 'MB', 1),
      row('heldMegabytes', 'after all', 'MB', 1),
      row('earlyRssMegabytes', 'memory the machine gave it for that after a quarter', 'MB'),
      row('rssMegabytes', 'after all', 'MB'),
      row('earlyRedisKilobytes', 'memory of Redis after a quarter', 'kB'),
      row('redisKilobytes', 'after all', 'kB'),
      row('keys', 'keys in the end', ''),
    ],
    job: (redis, seconds) => ({
      kind: 'hub-memory',
      redis,
      seconds,
      rooms: 50,
      underWay: 2000,
      messages: Math.max(20_000, Math.round(seconds * 50_000)),
    }),
  },
  prosody: real('Prosody alone: from client to client in one room', 'alone', {
    rooms: 1,
    underWay: 100,
    samplesPerSecond: 75,
  }),
  xmpp: real('Prosody to Prosody through the hub, one room', 'xmpp', {
    rooms: 1,
    underWay: 100,
    samplesPerSecond: 75,
  }),
  'xmpp-20': real('Prosody to Prosody through the hub, 20 rooms', 'xmpp', {
    rooms: 20,
    underWay: 200,
    samplesPerSecond: 75,
  }),
  matrix: real('Prosody to Synapse through the hub, one room', 'matrix', {
    rooms: 1,
    underWay: 10,
    samplesPerSecond: 15,
  }),
};
