/** One measure in a process of its own: the job comes as the first argument, the figures go back as a message. */
import { hubCost, hubIdle, hubRate } from './hub-jobs.ts';
import { type Figures, type Job, type Tell, type Word, Wrong } from './job.ts';
import { jobsIdle, jobsRate } from './job-queue.ts';
import { streams } from './redis-streams.ts';

const say = (word: Word): void => void process.send?.(word);
const tell: Tell = (line) => say({ word: 'progress', line });

function figuresOf(job: Job): Promise<Figures> {
  switch (job.kind) {
    case 'streams':
      return streams(job, tell);
    case 'jobs-rate':
      return jobsRate(job, tell);
    case 'jobs-idle':
      return jobsIdle(job, tell);
    case 'hub-rate':
      return hubRate(job, tell);
    case 'hub-idle':
      return hubIdle(job, tell);
    case 'hub-cost':
      return hubCost(job, tell);
  }
}

// An interrupt in the terminal reaches this process too; the command then ends it in its own order.
process.on('SIGINT', () => undefined);
const orphaned = (): never => process.exit(1);
process.on('disconnect', orphaned);
try {
  say({ word: 'done', figures: await figuresOf(JSON.parse(process.argv[2] ?? '') as Job) });
} catch (error) {
  const reason =
    error instanceof Wrong ? error.message : error instanceof Error ? error.stack : String(error);
  say({ word: 'wrong', reason: reason ?? 'unknown' });
}
process.off('disconnect', orphaned).disconnect();
