/**
 * What a hub says of itself in a channel, where other hubs that sit there see it. Of rooms and links it holds tokens
 * only, which say nothing to anybody else.
 */
export interface HubNotice {
  /** The name of the hub in its markers. Two hubs may bear the same. */
  readonly hub: string;
  /** One installation: random, kept for as long as its Redis. */
  readonly instance: string;
  readonly room: string;
  readonly link: string;
  /** ms since 1970 from which this hub carries the room: of two that carry it, the earlier one goes on. */
  readonly since: number;
}

const TOKEN = /^[A-Za-z0-9_-]{8,64}$/;
const HUB_MAX = 128;
const TIME_MAX = 1e15;

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= TIME_MAX;
const isToken = (value: unknown): value is string => typeof value === 'string' && TOKEN.test(value);

/** A notice as somebody wrote it, or null when it is none: anybody may have written anything there. */
export function readHubNotice(value: Readonly<Record<string, unknown>>): HubNotice | null {
  const { hub, instance, room, link, since } = value;
  if (typeof hub !== 'string' || hub === '' || hub.length > HUB_MAX) return null;
  if (!isToken(instance) || !isToken(room) || !isToken(link)) return null;
  return isTime(since) ? { hub, instance, room, link, since } : null;
}
