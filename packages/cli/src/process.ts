import { closeSync, fchmodSync, openSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { faultOf, systemClock } from '@brygga/contract';
import {
  checkOtherHubs,
  checkRedis,
  createLog,
  environment,
  openDesk,
  readFileFromDisk,
  type SampleBridge,
  startHub,
} from '@brygga/hub';
import { EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { brygga } from './program.ts';

const OWNER_ONLY = 0o600;
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

function writePrivate(path: string, text: string): void {
  const file = openSync(path, 'w', OWNER_ONLY);
  try {
    // The mode above holds for new files only.
    fchmodSync(file, OWNER_ONLY);
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
}

/** On standard error: what goes to standard output is the result. The end of the input is no answer. */
function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    terminal.once('close', () => resolve(''));
    terminal.question(question, (answer) => {
      resolve(answer);
      terminal.close();
    });
  });
}

/** The `Io` of this process. */
function processIo(bridges: readonly SampleBridge[]): Io {
  return {
    bridges,
    hub: { startHub, checkRedis, checkOtherHubs, openDesk, createLog },
    env: environment(),
    clock: systemClock,
    readFile: readFileFromDisk,
    writePrivate,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    watched: { out: process.stdout.isTTY, err: process.stderr.isTTY },
    ask: process.stdin.isTTY ? ask : null,
    onStop: (listener) => {
      for (const signal of STOP_SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of STOP_SIGNALS) process.off(signal, listener);
      };
    },
    exitNow: (code) => process.exit(code),
  };
}

/** Where a defect shows, its message (which may hold what people wrote) stays out. */
function defect(error: unknown): never {
  process.stderr.write(`brygga: ended by a defect: ${faultOf(error)}\n`);
  process.exit(EXIT.problem);
}

/** Runs the command line of this process and ends it. */
export async function runProcess(bridges: readonly SampleBridge[]): Promise<void> {
  process.on('uncaughtException', defect);
  process.on('unhandledRejection', defect);
  // `brygga sample | head`: the reader has enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.problem),
  );
  const exit = await brygga(process.argv.slice(2), processIo(bridges));
  // Libraries may keep sockets open: what had to be finished is.
  process.exit(exit);
}
