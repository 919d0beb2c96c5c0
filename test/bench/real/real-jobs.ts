import { setTimeout as sleep } from 'node:timers/promises';
import { type Figures, type JobOf, type Tell, Wrong } from '../job.ts';
import { latencyOf } from '../statistics.ts';
import { Course, type Ends } from './course.ts';
import { toMatrix } from './matrix-side.ts';
import { alone, joined, type Scene } from './stage.ts';

const PAUSE_MS = 10;

/** Real servers: idle latency from native client to native client, then as much as goes through. */
export async function real(job: JobOf<'real'>, tell: Tell, open: AsyncDisposableStack): Promise<Figures> {
  const ends = await endsOf(job, { tell, open });
  const course = new Course(ends);
  tell('waiting until everybody is in');
  await course.greet();
  tell(`${job.samples} messages, one at a time`);
  const idle = await idleOf(course, job);
  tell(`as much as goes through, ${job.underWay} messages under way`);
  const figures = { ...idle, ...(await throughputOf(course, ends, job)) };
  const complaint = ends.hub?.complaint() ?? null;
  if (complaint !== null) throw new Wrong(`the hub reported: ${complaint}`);
  return figures;
}

function endsOf(job: JobOf<'real'>, scene: Scene): Promise<Ends> {
  switch (job.between) {
    case 'alone':
      return alone(job.rooms, scene);
    case 'xmpp':
      return joined(job.redis, job.rooms, scene);
    case 'matrix':
      return toMatrix(job.redis, job.rooms, scene);
  }
}

async function idleOf(course: Course, job: JobOf<'real'>): Promise<Figures> {
  const warmUp = Math.ceil(job.samples / 5);
  const values: number[] = [];
  for (let i = 0; i < warmUp + job.samples; i++) {
    const { promise, resolve } = Promise.withResolvers<number>();
    course.arrived = (_room, ms) => resolve(ms);
    course.say(i % job.rooms);
    const value = await Promise.race([promise, course.drained().then(() => promise)]);
    if (i >= warmUp) values.push(value);
    await sleep(PAUSE_MS);
  }
  const { p50, p99 } = latencyOf(values);
  return { p50Ms: p50, p99Ms: p99 };
}

async function throughputOf(course: Course, { hub }: Ends, job: JobOf<'real'>): Promise<Figures> {
  const now = async () => ({ cpu: (await hub?.cpuMicros()) ?? 0, come: course.come, at: performance.now() });
  course.arrived = (room) => course.say(room);
  for (let i = 0; i < job.underWay; i++) course.say(i % job.rooms);
  await sleep(Math.max(1000, job.seconds * 250));
  const before = await now();
  await sleep(job.seconds * 1000);
  const after = await now();
  course.arrived = () => undefined;
  await course.drained();
  const messages = after.come - before.come;
  return {
    perSecond: messages / ((after.at - before.at) / 1000),
    ...(hub === null ? {} : { hubCpuMicros: (after.cpu - before.cpu) / messages }),
  };
}
