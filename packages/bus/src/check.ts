import type { Finding } from '@brygga/contract';
import { Redis } from 'ioredis';
import { askCluster, type ClusterPlace, type Host, holderOf, mastersOf, ONCE } from './cluster.ts';
import { addressOf, mannersOf, nodesOf, type RedisPlace } from './connect.ts';
import { Keys } from './keys.ts';
import { schemaFinding } from './schema.ts';

const OLDEST = [6, 2] as const; // LPOP with count, LMOVE: https://redis.io/commands/lmove

/** How long Redis may take to answer. */
const ANSWER_MS = 5000;

const fieldOf = (info: string, name: string): string | undefined =>
  info
    .split(/\r?\n/)
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1);

/**
 * Version, eviction and durability of the Redis at that place, each with the command that mends it, and whether what
 * lies there under `prefix` is known to this version. Reads only.
 */
export async function checkRedis(place: RedisPlace): Promise<readonly Finding[]> {
  if (place.cluster !== undefined) return checkCluster(place, place.cluster);
  const redis = new Redis({
    ...ONCE,
    ...addressOf(place),
    sentinelRetryStrategy: () => null,
    connectTimeout: ANSWER_MS,
    socketTimeout: ANSWER_MS,
  });
  const errors: unknown[] = [];
  redis.on('error', (error) => errors.push(error)); // connect() itself only says that the connection was closed
  try {
    await redis.connect();
    const { schema } = new Keys(place.prefix);
    const found = await inspect(redis, place);
    return found.some(({ what }) => what === A_NODE)
      ? found
      : [...found, schemaFinding(await redis.get(schema))];
  } catch (error) {
    return [unreachable([...errors, error], place)];
  } finally {
    redis.disconnect();
  }
}

/** Each master as a Redis of its own; what is the same of all is said once. */
async function checkCluster(place: RedisPlace, cluster: ClusterPlace): Promise<readonly Finding[]> {
  const manners = mannersOf(place.url);
  const { schema } = new Keys(place.prefix);
  try {
    return await askCluster(nodesOf(cluster), manners, async (node, asked) => {
      const { slots, masters } = await mastersOf(node, asked);
      if (slots < SLOTS) return [withoutMaster(slots)];
      const found: Of[] = [];
      for (const master of masters) {
        const its = askCluster([master], manners, (redis) => inspect(redis, place));
        const findings = await its.catch((error: unknown) => [unreachable([error], place)]);
        found.push(...findings.map((finding): Of => ({ finding, master })));
      }
      if (found.some(({ finding }) => finding.level === 'fail')) return together(found, masters.length);
      const holder = await holderOf(node, asked, schema);
      const layout = await askCluster([holder], manners, (redis) => redis.get(schema));
      return [...together(found, masters.length), schemaFinding(layout)];
    });
  } catch (error) {
    return [unreachable([error], place)];
  }
}

interface Of {
  readonly finding: Finding;
  readonly master: Host;
}

const together = (found: readonly Of[], masters: number): Finding[] =>
  [...Map.groupBy(found, ({ finding }) => finding.what).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    if (same.length === masters) return [first.finding];
    const which = same.map(({ master: { host, port } }) => `${host}:${port}`).join(', ');
    return [{ ...first.finding, what: `${which}: ${first.finding.what}` }];
  });

/** Of every cluster: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ */
const SLOTS = 16_384;

const withoutMaster = (slots: number): Finding => ({
  level: 'fail',
  what: `${SLOTS - slots} of the ${SLOTS} slots of the cluster have no master`,
  remedy: 'start the nodes that are missing, then see: redis-cli --cluster check host:port',
});

const A_NODE = 'this Redis is a node of a cluster';

/** What of one Redis can be seen there. */
async function inspect(redis: Redis, place: RedisPlace): Promise<Finding[]> {
  const info = await redis.info();
  const clustered = fieldOf(info, 'cluster_enabled') === '1';
  if (clustered && place.cluster === undefined)
    return [{ level: 'fail', what: A_NODE, remedy: 'name nodes of it in redis.cluster.hosts' }];
  return [
    ...findings(info, await fsyncOf(redis)),
    ...memoryOf(info),
    ...copiesOf(info, place),
    ...(clustered ? movesOf(String(await redis.cluster('NODES'))) : []),
  ];
}

/** `nodes`: as https://redis.io/commands/cluster-nodes describes; a slot on its way stands in brackets. */
function movesOf(nodes: string): Finding[] {
  if (!/\[\d+-[<>]-/.test(nodes)) return [];
  return [
    {
      level: 'fail',
      what: 'slots are being moved: what is one step for the hub could be cut in two',
      remedy: 'stop all hub processes until they are: redis-cli --cluster check host:port',
    },
  ];
}

function unreachable(errors: readonly unknown[], { sentinel, cluster }: RedisPlace): Finding {
  // Error codes of the protocol, not sentences for people: https://redis.io/commands/auth
  const refused = errors.some((error) => error instanceof Error && /NOAUTH|WRONGPASS/.test(error.message));
  if (!refused && sentinel !== undefined)
    return {
      level: 'fail',
      what: `no sentinel names a master "${sentinel.name}" that can be reached`,
      remedy:
        'see that redis.sentinel has the hosts, and the name they have for it: redis-cli -p 26379 SENTINEL masters',
    };
  if (!refused && cluster !== undefined)
    return {
      level: 'fail',
      what: 'no Redis that is a node of a cluster can be reached',
      remedy: 'start it, and see that redis.cluster.hosts names nodes of it',
    };
  return {
    level: 'fail',
    what: refused ? 'Redis refuses the password' : 'Redis cannot be reached',
    remedy: refused
      ? 'put user and password into redis.url: redis://user:password@host:port'
      : 'start Redis, and see that redis.url names its host and port',
  };
}

/** How often the append-only file goes to disk; null where that may not be asked. */
async function fsyncOf(redis: Redis): Promise<string | null> {
  const answer = await redis.config('GET', 'appendfsync').catch(() => []);
  const [, value] = Array.isArray(answer) ? answer : [];
  return typeof value === 'string' ? value : null;
}

function findings(info: string, fsync: string | null): Finding[] {
  return [versionOf(info), evictionOf(info), durabilityOf(info, fsync)];
}

/** From this part of `maxmemory` on it is time to act. */
const NEARLY_FULL = 0.8;

/** Where Redis has a bound: nothing is accepted beyond it. */
function memoryOf(info: string): Finding[] {
  const most = Number(fieldOf(info, 'maxmemory') ?? 0);
  const used = Number(fieldOf(info, 'used_memory') ?? 0);
  if (most === 0 || used < NEARLY_FULL * most) return [];
  const full = used >= most;
  return [
    {
      level: full ? 'fail' : 'warn',
      what: full
        ? 'Redis is full: nothing is accepted'
        : `Redis uses ${Math.floor((100 * used) / most)} % of its maxmemory; when it is full nothing is accepted`,
      remedy:
        'redis-cli CONFIG SET maxmemory 4gb && redis-cli CONFIG REWRITE; see deploy/runbook/redis-is-full.md',
    },
  ];
}

/** Whether as many copies are there as a step waits for, and any at all where there may be a fail-over. */
function copiesOf(info: string, { sentinel, cluster, replicas = 0 }: RedisPlace): Finding[] {
  const there = Number(fieldOf(info, 'connected_slaves') ?? 0);
  if (there < replicas)
    return [
      {
        level: 'fail',
        what: `redis.replicas is ${replicas}, but Redis has ${there} copies: it would take nothing`,
        remedy: 'start the copies (replicaof), or lower redis.replicas',
      },
    ];
  if (replicas > 0)
    return [{ level: 'ok', what: `each step is on ${replicas} of ${there} copies before it counts` }];
  if (sentinel === undefined && (cluster === undefined || there === 0)) return [];
  return [
    {
      level: 'warn',
      what: 'a fail-over may forget messages that were accepted just before it',
      remedy: 'set redis.replicas: 1',
    },
  ];
}

function versionOf(info: string): Finding {
  const version = fieldOf(info, 'redis_version') ?? '0';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  return enough
    ? { level: 'ok', what: `Redis ${version}` }
    : {
        level: 'fail',
        what: `Redis ${version} is too old`,
        remedy: `install Redis ${OLDEST.join('.')} or newer`,
      };
}

function evictionOf(info: string): Finding {
  const policy = fieldOf(info, 'maxmemory_policy') ?? 'unknown';
  if (policy === 'noeviction') return { level: 'ok', what: 'maxmemory-policy noeviction' };
  return {
    level: 'warn',
    what: `maxmemory-policy is ${policy}: Redis may throw messages away when its memory is full`,
    remedy: 'redis-cli CONFIG SET maxmemory-policy noeviction && redis-cli CONFIG REWRITE',
  };
}

const AT_RISK: Readonly<Record<string, string>> = {
  always: '',
  everysec:
    ', written every second: a Redis that is killed may lose the last ones (appendfsync always does not)',
};

function durabilityOf(info: string, fsync: string | null): Finding {
  if (fieldOf(info, 'aof_enabled') !== '1') {
    return {
      level: 'warn',
      what: 'the append-only file is off: a restart of Redis loses messages',
      remedy: 'redis-cli CONFIG SET appendonly yes && redis-cli CONFIG REWRITE',
    };
  }
  if (fieldOf(info, 'aof_last_write_status') === 'err') {
    return {
      level: 'fail',
      what: 'Redis cannot write its append-only file',
      remedy: "free space on Redis's disk",
    };
  }
  if (fsync === 'no') {
    return {
      level: 'warn',
      what: 'the append-only file is written when the system finds time: a kill or a power cut loses messages',
      remedy: 'redis-cli CONFIG SET appendfsync everysec && redis-cli CONFIG REWRITE',
    };
  }
  return { level: 'ok', what: `append-only file on${AT_RISK[fsync ?? ''] ?? ''}` };
}
