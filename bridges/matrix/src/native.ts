import { z } from 'zod';

/**
 * An event as the homeserver hands it over, in a transaction or a page of history
 * (https://spec.matrix.org/v1.19/client-server-api/#room-event-format). Anyone may have written `content`, so it is
 * read through the small readers below, which take nothing for granted.
 */
export const MatrixEvent = z.object({
  type: z.string(),
  event_id: z.string().min(1).max(1024),
  room_id: z.string().min(1).max(1024),
  sender: z.string().min(1).max(1024),
  origin_server_ts: z.number().catch(0),
  content: z.record(z.string(), z.unknown()).catch({}),
  state_key: z.string().optional(),
  redacts: z.string().optional().catch(undefined),
  unsigned: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
export type MatrixEvent = z.infer<typeof MatrixEvent>;

export type Json = Readonly<Record<string, unknown>>;

/** The events of a list that are events at all, in order. */
export function eventsOf(list: unknown): MatrixEvent[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    const read = MatrixEvent.safeParse(item);
    return read.success ? [read.data] : [];
  });
}

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function field(value: unknown, name: string): unknown {
  return isJson(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function textField(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === 'string' ? found : undefined;
}

export function numberField(value: unknown, name: string): number | undefined {
  const found = field(value, name);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

export function listField(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name);
  return Array.isArray(found) ? found : [];
}

/** The relation of a content, if it has one. */
export interface Relation {
  readonly type: string | undefined;
  readonly event: string | undefined;
  readonly key: string | undefined;
  readonly inReplyTo: string | undefined;
  readonly isFallingBack: boolean;
}

export function relationOf(content: Json): Relation | null {
  const relates = field(content, 'm.relates_to');
  if (!isJson(relates)) return null;
  return {
    type: textField(relates, 'rel_type'),
    event: textField(relates, 'event_id'),
    key: textField(relates, 'key'),
    inReplyTo: textField(field(relates, 'm.in_reply_to'), 'event_id'),
    isFallingBack: field(relates, 'is_falling_back') === true,
  };
}

/** Redacted since: the homeserver hands over the shell, and the redaction as an event of its own. */
export const isRedacted = (event: MatrixEvent): boolean =>
  field(event.unsigned, 'redacted_because') !== undefined;

/** What an event redacts: in the content since room version 11, beside it before. */
export const redacts = (event: MatrixEvent): string | undefined =>
  textField(event.content, 'redacts') ?? event.redacts;

/** The state event that this one replaced, when the homeserver names it. */
export const replacedState = (event: MatrixEvent): string | undefined =>
  textField(event.unsigned, 'replaces_state');
