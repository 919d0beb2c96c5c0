import { EVENT_VERSION, type Event } from './event.ts';

/** Turns a stored event of one version into the next one; knows nothing of other versions. */
export type Step = (stored: Record<string, unknown>) => Record<string, unknown>;

/** Step n makes version n + 1 of version n. Version 1 is the first, so there are none yet. */
const STEPS: Readonly<Record<number, Step>> = {};

export class UnknownEventVersion extends Error {
  override readonly name = 'UnknownEventVersion';
  readonly version: unknown;
  constructor(version: unknown) {
    super(`event version ${String(version)} is not known here: run the hub version that wrote it, or newer`);
    this.version = version;
  }
}

/**
 * Brings a stored event to the version of this house, without checking its shape.
 * @throws UnknownEventVersion when it was written by a newer house or carries no version.
 */
export function upcast(
  stored: Record<string, unknown>,
  steps: Readonly<Record<number, Step>> = STEPS,
  to = EVENT_VERSION,
): Record<string, unknown> {
  let event = stored;
  for (;;) {
    const version = event.v;
    if (version === to) return event;
    const step = typeof version === 'number' ? steps[version] : undefined;
    if (step === undefined) throw new UnknownEventVersion(version);
    event = step(event);
  }
}

/**
 * Reads an event this house wrote to Redis. Trusted storage: the version is checked, the shape is not again
 * (it was when the event was accepted).
 */
export function readStored(json: string): Event {
  return upcast(JSON.parse(json) as Record<string, unknown>) as Event;
}
