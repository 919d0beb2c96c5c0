import type { Actor, Cast } from './people.ts';
import { type Act, other, SCRIPT, type Side } from './script.ts';

/** One message of the script: its id on either server, and how long what was done with it took to cross, in ms. */
export interface Told {
  readonly by: Side;
  readonly matrix: string;
  readonly xmpp: string;
  readonly crossedMs: readonly { readonly act: Act; readonly ms: number }[];
}

export interface Conversation {
  readonly told: readonly Told[];
  /** Acts that did not cross in time, or could not be done because of that. */
  readonly missing: readonly Act[];
}

/** Generous: the machine may be busy with other things. */
const CROSSES_WITHIN_MS = 60_000;

interface Line {
  readonly by: Side;
  readonly matrix: string;
  readonly xmpp: string;
  readonly crossedMs: { readonly act: Act; readonly ms: number }[];
}

/**
 * Plays the script: each act after the one before has been seen on the other side. The time of one runs from the
 * moment the writer's client sends until the reader's client has it.
 */
export async function converse(
  cast: Cast,
  said: (act: Act, ms: number | null) => void,
): Promise<Conversation> {
  const lines = new Map<string, Line>();
  const missing: Act[] = [];
  for (const act of SCRIPT) {
    const ms = await crossing(cast[act.by], cast[other(act.by)], act, lines);
    if (ms === null) missing.push(act);
    said(act, ms);
  }
  return { told: [...lines.values()], missing };
}

/** Null when it did not cross. */
async function crossing(
  writer: Actor,
  reader: Actor,
  act: Act,
  lines: Map<string, Line>,
): Promise<number | null> {
  const reading = other(act.by);
  const known = lines.get(act.message);
  const answered = act.does === 'say' ? lines.get(act.answers ?? '') : undefined;
  if (act.does !== 'say' && known === undefined) return null;
  const begun = performance.now();
  const id = await writer.act(act, known?.[act.by] ?? '', answered?.[act.by] ?? '');
  const sight = await reader.sees(act, known?.[reading] ?? '', CROSSES_WITHIN_MS).catch(() => null);
  if (sight === null) return null;
  const ids: Readonly<Record<Side, string>> =
    act.by === 'matrix' ? { matrix: id, xmpp: sight.id } : { matrix: sight.id, xmpp: id };
  const line = known ?? { by: act.by, ...ids, crossedMs: [] };
  const ms = sight.atMs - begun;
  line.crossedMs.push({ act, ms });
  lines.set(act.message, line);
  return ms;
}
