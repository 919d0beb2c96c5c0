import type { Clock } from '@brygga/contract';
import type { TincanChannel } from './world/channel.ts';
import type { TincanLine } from './world/line.ts';

export interface Question<T> {
  readonly name: 'watch' | 'changes';
  readonly channel: string;
  readonly ask: (there: TincanChannel) => T;
  readonly withinMs: number;
}

/**
 * Asks the network something that changes nothing there. The answer may never come although the line stays open:
 * after `withinMs` it counts as lost. Rejects with `TincanError` only.
 */
export async function ask<T>(line: TincanLine, clock: Clock, question: Question<T>): Promise<T> {
  const late = new AbortController();
  const cancel = clock.after(question.withinMs, () => late.abort());
  try {
    return await line.call(question.name, question.channel, late.signal, question.ask);
  } finally {
    cancel();
  }
}
