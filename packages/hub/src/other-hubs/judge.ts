import type { HubNotice } from '@brygga/contract';
import type { LinkId } from '@brygga/event';

/**
 * Why nothing is carried to and from a link. otherHub: an earlier hub carries between its channel and another of
 * the room. linkedTwice: another link of ours leads to the same channel.
 */
export type Cut = 'otherHub' | 'linkedTwice';

export type Cuts = ReadonlyMap<LinkId, Cut>;

/** What is known when a room is judged. */
export interface Question {
  /** In the order of the settings. */
  readonly links: readonly LinkId[];
  readonly own: Pick<HubNotice, 'instance' | 'since'>;
  readonly seen: ReadonlyMap<LinkId, readonly HubNotice[]>;
  /** Whether a token is that of a link of ours that stands before this one in the settings. */
  readonly isEarlierLink: (token: string, link: LinkId) => boolean;
}

/**
 * What becomes of a room with these hubs in its channels. An earlier hub that is in two or more of them carries
 * between these: for us they are one channel, so that all but the first of their links are cut. All hubs come to the
 * same order of who is earlier, since all read the same notices.
 */
export function judge({ links, own, seen, isEarlierLink }: Question): Cuts {
  const sightings = links.flatMap((link) => (seen.get(link) ?? []).map((notice) => ({ link, notice })));
  const earlier = sightings.filter(
    ({ notice: { instance, since } }) =>
      instance !== own.instance && (since < own.since || (since === own.since && instance < own.instance)),
  );
  const carried = Map.groupBy(earlier, ({ notice }) => `${notice.instance} ${notice.room}`);
  const cut = new Map<LinkId, Cut>();
  for (const places of carried.values()) {
    const [, ...others] = new Set(places.map(({ link }) => link));
    for (const link of others) cut.set(link, 'otherHub');
  }
  for (const { link, notice } of sightings)
    if (notice.instance === own.instance && isEarlierLink(notice.link, link)) cut.set(link, 'linkedTwice');
  return cut;
}

/** Notices kept of one channel. */
const SEEN_MAX = 64;

const nameOf = ({ instance, room, link }: HubNotice): string => `${instance} ${room} ${link}`;

/** What was seen in a channel before, and now. Who has gone meanwhile is not forgotten. */
export const together = (before: readonly HubNotice[], now: readonly HubNotice[]): HubNotice[] =>
  [...new Map([...before, ...now].map((notice) => [nameOf(notice), notice])).values()].slice(-SEEN_MAX);
