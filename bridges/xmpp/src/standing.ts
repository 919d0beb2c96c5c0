import type { ChannelId } from '@brygga/event';
import { el } from './element.ts';
import { bareJid } from './ids.ts';
import type { Seats } from './seats.ts';
import type { Session, Voice } from './session.ts';
import { NS } from './stanza.ts';

const OWNER = 'http://jabber.org/protocol/muc#owner';

/** Takes a room into use that came into being by our entering it, as it is (XEP-0045 §10.1.2). */
export async function acceptRoomSettings(session: Session, room: ChannelId): Promise<boolean> {
  const form = el('query', { xmlns: OWNER }, el('x', { xmlns: NS.dataForm, type: 'submit' }));
  const answer = await session.iqs.ask({ to: room, from: session.botJid(), type: 'set', child: form });
  return answer.kind === 'result';
}

interface Room {
  readonly id: ChannelId;
  readonly seats: Seats;
}

/**
 * Gives one of ours the right to speak: membership where the bot may give it, since it lasts; else voice for this
 * stay (XEP-0045 §8.3, §9.3). False when the bot may give neither.
 */
export async function letSpeak(session: Session, room: Room, voice: Voice): Promise<boolean> {
  const standing = room.seats.standingOf(session.botJid());
  if (voice.bot || standing === null) return false;
  if (['admin', 'owner'].includes(standing.affiliation)) {
    const member = el('item', { affiliation: 'member', jid: bareJid(voice.jid) });
    if (await administer(session, room.id, member)) return true;
  }
  const nick = room.seats.nickOf(voice.jid);
  if (standing.role !== 'moderator' || nick === null) return false;
  return administer(session, room.id, el('item', { nick, role: 'participant' }));
}

async function administer(session: Session, room: ChannelId, item: ReturnType<typeof el>): Promise<boolean> {
  const child = el('query', { xmlns: NS.mucAdmin }, item);
  const answer = await session.iqs.ask({ to: room, from: session.botJid(), type: 'set', child });
  return answer.kind === 'result';
}
