import { readInstallation } from '@brygga/bus';
import type { Clock, Finding, HubNotice } from '@brygga/contract';
import type { LinkId, RoomId } from '@brygga/event';
import { linkIdOf } from '../rooms.ts';
import type { Settings } from '../settings/schema.ts';
import { type Cut, judge } from './judge.ts';
import { type Linked, Tokens } from './tokens.ts';

const SAID: Readonly<Record<Cut, { readonly what: string; readonly remedy: string }>> = {
  otherHub: {
    what: 'nothing is carried there, since an earlier hub is in this channel and in another of the room',
    remedy:
      'agree with whoever runs it which of the two is to carry, and take the room out of the other; then start this one anew; if nobody runs one, somebody feigns it: otherHubs: ignore',
  },
  linkedTwice: {
    what: 'nothing is carried there, since another link leads to the same channel',
    remedy: 'remove one of the two links',
  },
};

/** Where another hub, or this one by another link, carries already: as the hub saw it when it was last there. Reads only. */
export async function checkOtherHubs(settings: Settings, clock: Clock): Promise<readonly Finding[]> {
  const rooms = settings.rooms.filter(({ otherHubs }) => otherHubs === 'yield');
  const all = settings.rooms.flatMap(({ id: room, links }) =>
    links.map((link): Linked => ({ room, id: linkIdOf(link), network: link.network, channel: link.channel })),
  );
  const known = await readInstallation(
    settings.redis,
    rooms.map(({ id }) => id),
  );
  if (known === null) return [];
  const tokens = new Tokens(known.instance, all);
  const now = clock.now();
  const findings = rooms.flatMap(({ id }): Finding[] => {
    const links = all.filter(({ room }) => room === id);
    const cut = judge({
      links: links.map((link) => link.id),
      own: { instance: known.instance, since: known.since.get(id) ?? now },
      seen: seenIn(known.seen, id),
      isEarlierLink: (token, link) => links.some((one) => one.id === link && tokens.isEarlier(token, one)),
    });
    return [...cut].map(([link, why]) => ({
      level: 'warn',
      what: `the link ${link} of the room ${id}: ${SAID[why].what}`,
      remedy: SAID[why].remedy,
    }));
  });
  return findings.length > 0
    ? findings
    : [{ level: 'ok', what: 'no other hub was seen between the same channels' }];
}

type SeenAt = NonNullable<Awaited<ReturnType<typeof readInstallation>>>['seen'];

const seenIn = (seen: SeenAt, id: RoomId): ReadonlyMap<LinkId, readonly HubNotice[]> =>
  new Map(
    seen.filter(({ room }) => room === id).map(({ link, text }) => [link, JSON.parse(text) as HubNotice[]]),
  );
