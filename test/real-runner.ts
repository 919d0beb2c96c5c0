import { type RunnerTask, type RunnerTestFile, TestRunner } from 'vitest';

/** Put by run.ts into the environment when the real servers cannot be had on this machine. */
const MISSING = process.env.BRYGGA_SERVERS_MISSING;

function skip(task: RunnerTask): void {
  task.mode = 'skip';
  if ('tasks' in task) for (const inner of task.tasks) skip(inner);
}

/** Runs the tests against real servers; where these cannot be had, reports every one as not run. */
export default class RealRunner extends TestRunner {
  onCollected(files: RunnerTestFile[]): void {
    if (MISSING !== undefined && MISSING !== '') for (const file of files) skip(file);
  }
}
