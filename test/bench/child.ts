/** One measure in a process of its own: the job comes as the first argument, the figures go back as a message. */
import { hubCost, hubIdle, hubRate } from './hub-jobs.ts';
import { hubMemory } from './hub-memory.ts';
import { hubNeighbours } from './hub-neighbours.ts';
import { type Figures, type Job, type Tell, type Word, Wrong } from './job.ts';
import { jobsIdle, jobsRate } from './job-queue.ts';
import { real } from './real/real-jobs.ts';
import { streams } from './redis-streams.ts';

const say = (word: Word): void => void process.send?.(word);
const tell: Tell = (line) => say({ word: 'progress', line });

/** Servers and whatever else would outlive this process. */
const open = new AsyncDisposableStack();

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
    case 'hub-neighbours':
      return hubNeighbours(job, tell);
    case 'hub-memory':
      return hubMemory(job, tell);
    case 'real':
      return real(job, tell, open);
  }
}

// An interrupt in the terminal reaches this process too; the command then ends it in its own order, by SIGTERM.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', end);
process.on('disconnect', end);

function end(): void {
  open
    .disposeAsync()
    .catch(() => undefined)
    .finally(() => process.exit(1));
}

async function answer(): Promise<Word> {
  try {
    const figures = await figuresOf(JSON.parse(process.argv[2] ?? '') as Job);
    await open.disposeAsync();
    return { word: 'done', figures };
  } catch (error) {
    await open.disposeAsync().catch(() => undefined);
    const defect = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { word: 'wrong', reason: error instanceof Wrong ? error.message : defect };
  }
}

say(await answer());
process.off('disconnect', end).disconnect();
