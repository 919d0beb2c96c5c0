import { runProcess } from '../process.ts';
import { INVENTED } from './semaphore.ts';

/** The command line with invented bridges, as a process of its own. */
await runProcess(INVENTED);
