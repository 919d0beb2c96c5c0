import type { Clock } from '@brygga/contract';
import { el } from './element.ts';
import type { Iqs } from './iq.ts';
import { NS } from './stanza.ts';

const EVERY_MS = 60_000;
const ANSWER_MS = 30_000;

export interface KeepAliveParts {
  readonly clock: Clock;
  readonly iqs: Iqs;
  /** Whom to ask, and as whom; null: there is nobody to ask yet. */
  target(): { readonly to: string; readonly from: string } | null;
  /** Nobody answered: the stream is dead, though the socket does not know. */
  dead(): void;
}

/** Asks the server now and then whether it is there (XEP-0199): a half-open socket says nothing by itself. */
export async function keepAlive(parts: KeepAliveParts, signal: AbortSignal): Promise<void> {
  for (;;) {
    await parts.clock.sleep(EVERY_MS, signal);
    if (signal.aborted) return;
    const target = parts.target();
    if (target === null) continue;
    const child = el('ping', { xmlns: NS.ping });
    const answer = await parts.iqs.ask({ ...target, type: 'get', child, timeoutMs: ANSWER_MS });
    // An error is an answer, too.
    if (answer.kind === 'silent' && !signal.aborted) return parts.dead();
  }
}
