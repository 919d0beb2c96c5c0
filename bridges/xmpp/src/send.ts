import {
  type Delivery,
  done,
  type Feature,
  type NativeMessage,
  type Outcome,
  type Persona,
  refused,
  unsure,
} from '@brygga/contract';
import { type EventOf, type NativeId, nativeId } from '@brygga/event';
import type { Channel } from './channel.ts';
import { composeSpeech } from './compose.ts';
import { sendingError } from './errors.ts';
import { authoredId } from './ids.ts';
import {
  type Envelope,
  messageStanza,
  moderateChild,
  reactionsStanza,
  retractStanza,
  STANZA_BYTES_MAX,
  stanzaBytes,
  subjectStanza,
} from './outgoing.ts';
import { botVoice, ghostJid, type Session, type Voice, voiceOf } from './session.ts';
import { asRead } from './stanza.ts';
import { wordsIn } from './words.ts';
import type { Part, Written } from './writer.ts';

/** Clocks of hub and server may differ by this much when a message is looked for in the archive. */
const SKEW_MS = 600_000;

/**
 * Roles of a message of ours: the `@id` it was written with, which corrections name. Its name tells who wrote it:
 * the ghost, or the bot for a person who may not speak. `latest*`: the ids of the last correction, which some
 * clients use in place of the first.
 */
const BY_GHOST = 'sent';
const BY_BOT = 'sentByBot';

/** One delivery on its way. */
interface Task {
  readonly session: Session;
  readonly channel: Channel;
  readonly delivery: Delivery;
  readonly signal: AbortSignal;
}

/** Carries out a delivery in a room. */
export function carry(task: Task): Promise<Outcome> {
  const { event } = task.delivery;
  switch (event.kind) {
    case 'message':
      return sendMessage(task, event);
    case 'edit':
      return sendEdit(task, event);
    case 'delete':
      return sendDelete(task);
    case 'reaction':
      return sendReactions(task, event);
    case 'channel':
      return sendTopic(task, event.topic ?? null);
    case 'membership':
      // The manifest says `fallback`: the hub tells it in words.
      return Promise.resolve(refused('FEATURE_REFUSED'));
  }
}

const isAccount = (session: Session): boolean => session.settings.mode === 'account';

/** Who speaks, and the name to put before the text when that is not the person themselves. */
function speaker({ session, delivery }: Task, byBot: boolean): { voice: Voice; label: string | null } {
  const { persona } = delivery;
  const relayed = persona !== null && (byBot || isAccount(session));
  return {
    voice: relayed ? botVoice(session) : voiceOf(session, persona),
    label: relayed ? persona.label : null,
  };
}

function envelope({ session, channel, delivery }: Task, from: string, part: number | string): Envelope {
  const { hub } = session.ctx;
  const { hops } = delivery.event;
  return {
    room: channel.id,
    from,
    id: session.sent.of(delivery.key, part),
    hops: hops.includes(hub) ? hops : [...hops, hub],
  };
}

/** Writes stanzas in the channel's order. `compose` gets the name to put before the text, if one is needed. */
async function put(
  task: Task,
  byBot: boolean,
  compose: (from: string, label: string | null) => readonly Part[],
): Promise<Written> {
  const { session, channel, delivery, signal } = task;
  const { voice, label } = speaker(task, byBot);
  const bot = session.botJid();
  let known = channel.isLive;
  let plain = compose(voice.jid, label);
  // Before the room has been entered, nothing is known of what it can do: composed anew once it has.
  const own = (): readonly Part[] => {
    if (!known && channel.isLive) plain = compose(voice.jid, label);
    known ||= channel.isLive;
    return plain;
  };
  if (plain.some(({ stanza }) => stanzaBytes(stanza) > STANZA_BYTES_MAX)) {
    return { kind: 'failed', outcome: refused('TOO_LARGE') };
  }
  const since = delivery.event.acceptedAt - SKEW_MS;
  const ids = plain.map((part) => part.id);
  const found = delivery.maybeSent
    ? channel.sentIndex.find(channel.id, bot, ids, since)
    : Promise.resolve(new Map<string, string>());
  return channel.writer.put({
    key: delivery.key,
    voice,
    compose: (relayed) => (relayed ? compose(bot, delivery.persona?.label ?? null) : own()),
    found,
    signal,
  });
}

async function sendMessage(task: Task, event: EventOf<'message'>): Promise<Outcome> {
  const { channel, delivery } = task;
  const lost = new Set<Feature>();
  const parts = (from: string, label: string | null): readonly Part[] => {
    lost.clear();
    const composed = composeSpeech(channel, delivery, event, label);
    for (const feature of composed.lost) lost.add(feature);
    return composed.pieces.map(({ text, extras }, index) => {
      const made = envelope(task, from, index);
      return { id: made.id, stanza: messageStanza(made, text, extras) };
    });
  };
  const written = await put(task, false, parts);
  if (written.kind === 'failed') return written.outcome;
  const role = written.relayed ? BY_BOT : BY_GHOST;
  const messages = written.ids.map((id, index) => native(task, id, index, role));
  return done(messages, { lost: [...lost] });
}

/** A message of ours as the id map keeps it. Rooms without ids of their own are left with ours. */
function native(
  { session, channel, delivery }: Task,
  stanzaId: string | null,
  part: number,
  role: string,
): NativeMessage {
  const sent = session.sent.of(delivery.key, part);
  const author = channel.seats.nickOf(
    speaker({ session, channel, delivery, signal: NEVER }, role === BY_BOT).voice.jid,
  );
  const id = stanzaId === null ? authoredId(`nick:${author ?? ''}`, sent) : nativeId(stanzaId);
  return { id, roles: { [role]: nativeId(sent) } };
}
const NEVER = new AbortController().signal;

const firstIdOf = (message: NativeMessage): NativeId | undefined =>
  message.roles?.[BY_GHOST] ?? message.roles?.[BY_BOT];
const isByBot = (message: NativeMessage | undefined): boolean => message?.roles?.[BY_BOT] !== undefined;

/** XEP-0308: each part corrects the part at its place; what is too many is taken back, what is too few is added. */
async function sendEdit(task: Task, event: EventOf<'edit'>): Promise<Outcome> {
  const { session, channel, delivery } = task;
  const old = delivery.target;
  if (old.length === 0 || old.some((message) => firstIdOf(message) === undefined))
    return refused('TARGET_UNKNOWN');
  const words = wordsIn(session.ctx, channel.id).retracted;
  const lost = new Set<Feature>();
  let pieces = 0;
  const parts = (from: string, label: string | null): readonly Part[] => {
    const composed = composeSpeech(channel, delivery, event, label);
    lost.clear();
    for (const feature of composed.lost) lost.add(feature);
    pieces = composed.pieces.length;
    const speech = composed.pieces.map(({ text, extras }, index): Part => {
      const made = envelope(task, from, index);
      const first = old[index];
      const replace = first === undefined ? {} : { replace: firstIdOf(first) ?? '' };
      return { id: made.id, stanza: messageStanza(made, text, { ...extras, ...replace }) };
    });
    const surplus = old.slice(composed.pieces.length).map((message, index): Part => {
      const made = envelope(task, from, `surplus${index}`);
      return { id: made.id, stanza: retractStanza(made, message.id, words) };
    });
    return [...speech, ...surplus];
  };
  const written = await put(task, isByBot(old[0]), parts);
  if (written.kind === 'failed') return written.outcome;
  const role = written.relayed ? BY_BOT : BY_GHOST;
  const messages = written.ids.slice(0, pieces).map((id, index): NativeMessage => {
    const first = old[index];
    if (first === undefined) return native(task, id, index, role);
    const latest = { latestSent: nativeId(session.sent.of(delivery.key, index)) };
    return {
      id: first.id,
      roles: { ...first.roles, ...latest, ...(id === null ? {} : { latest: nativeId(id) }) },
    };
  });
  return done(messages, { lost: [...lost] });
}

/** Who of ours wrote the message meant, if they sit in the room or can be brought there. */
function writerOf(task: Task): Voice | null {
  const { session, channel, delivery } = task;
  const { target, targetAuthor, persona } = delivery;
  const first = target[0];
  if (first === undefined || firstIdOf(first) === undefined) return null;
  if (isByBot(first) || isAccount(session) || targetAuthor === null) return botVoice(session);
  if (persona !== null && isSame(persona, targetAuthor)) return voiceOf(session, persona);
  // Somebody else's ghost: their name is not known here, so only when they sit in the room already.
  const jid = ghostJid(session, targetAuthor.network, targetAuthor.person);
  const label =
    jid === null ? null : channel.seats.nickOf(jid) === null ? null : channel.seats.standingOf(jid)?.label;
  return jid === null || label == null ? null : { jid, label, suffix: '', bot: false };
}

const isSame = (persona: Persona, author: NonNullable<Delivery['targetAuthor']>): boolean =>
  persona.network === author.network && persona.person === author.person;

/** Our own message is taken back by who wrote it; a native's only the room can remove. */
async function sendDelete(task: Task): Promise<Outcome> {
  const { session, channel, delivery, signal } = task;
  const voice = writerOf(task);
  if (voice === null) return moderate(task);
  const words = wordsIn(session.ctx, channel.id).retracted;
  const compose = (): readonly Part[] =>
    delivery.target.map((message, index) => {
      const made = envelope(task, voice.jid, index);
      return { id: made.id, stanza: retractStanza(made, message.id, words) };
    });
  const since = delivery.event.acceptedAt - SKEW_MS;
  const ids = delivery.target.map((_, index) => session.sent.of(delivery.key, index));
  const found = delivery.maybeSent
    ? channel.sentIndex.find(channel.id, session.botJid(), ids, since)
    : Promise.resolve(new Map<string, string>());
  const written = await channel.writer.put({ key: delivery.key, voice, compose, found, signal });
  return written.kind === 'failed' ? written.outcome : done([]);
}

const NO_RIGHT: ReadonlySet<string> = new Set([
  'forbidden',
  'not-allowed',
  'feature-not-implemented',
  'service-unavailable',
]);

/** XEP-0425; in words where the room has it not, or does not let us. */
async function moderate(task: Task): Promise<Outcome> {
  const { session, channel, delivery } = task;
  const unready = await channel.unready();
  if (unready !== null) return unready;
  const reason = delivery.persona?.label ?? session.settings.nick;
  for (const message of delivery.target) {
    if (!channel.info.moderation) return sayRemoved(task);
    const child = moderateChild(message.id, reason);
    const answer = await session.iqs.ask({ to: channel.id, from: session.botJid(), type: 'set', child });
    if (answer.kind === 'result') continue;
    if (answer.kind !== 'error') return unsure(answer.kind === 'lost' ? 'CONNECTION_LOST' : 'NO_ANSWER');
    // Not there (any more): that is what was wanted.
    if (answer.error.condition === 'item-not-found') continue;
    if (NO_RIGHT.has(answer.error.condition)) return sayRemoved(task);
    return sendingError(answer.error, session.ctx.clock.now()).outcome;
  }
  return done([]);
}

/** The bot answers the message: that it was removed elsewhere. */
async function sayRemoved(task: Task): Promise<Outcome> {
  const { session, channel, delivery } = task;
  const who = delivery.persona?.label ?? session.settings.nick;
  const first = delivery.target[0];
  const known = first === undefined ? null : channel.memory.excerpt(first.id);
  const reply =
    first === undefined || !channel.info.stanzaIds
      ? null
      : { id: first.id, to: known?.occupant ?? null, quote: '' };
  const said = await byBot(task, wordsIn(session.ctx, channel.id).removed(who), reply);
  return said.kind === 'failed' ? said.outcome : done([], { lost: ['deleteByModerator'] });
}

/** A line of the bot's own. */
async function byBot(
  task: Task,
  text: string,
  reply: { id: string; to: string | null; quote: string } | null,
) {
  const { delivery } = task;
  const spoken: Task = { ...task, delivery: { ...delivery, persona: null } };
  return put(spoken, true, (from) => {
    const made = envelope(task, from, 'words');
    return [{ id: made.id, stanza: messageStanza(made, text, { reply, unstyled: true }) }];
  });
}

/** XEP-0444: what the person has set now, all of it. */
async function sendReactions(task: Task, event: EventOf<'reaction'>): Promise<Outcome> {
  const { channel, delivery } = task;
  const first = delivery.target[0];
  if (first === undefined) return refused('TARGET_UNKNOWN');
  if (!channel.info.stanzaIds && channel.isLive) return done([], { lost: ['reaction'] });
  const written = await put(task, false, (from) => {
    const made = envelope(task, from, 0);
    return [{ id: made.id, stanza: reactionsStanza(made, first.id, event.emoji) }];
  });
  if (written.kind === 'failed') return written.outcome;
  const key = nativeId(delivery.key);
  return done([], { reactions: Object.fromEntries(event.emoji.map((emoji) => [emoji, key])) });
}

/** The bot changes the subject; where it may not, it says the new one. */
async function sendTopic(task: Task, wanted: string | null): Promise<Outcome> {
  const { session, channel, delivery } = task;
  if (wanted === null) return refused('FEATURE_REFUSED');
  const topic = asRead(wanted);
  // The room says nothing when the subject stays as it is.
  if (channel.isLive && channel.topic === topic) return done([]);
  const spoken: Task = { ...task, delivery: { ...delivery, persona: null } };
  const written = await put(spoken, true, (from) => {
    const made = envelope(task, from, 0);
    channel.expectSubject(topic, made.id);
    return [{ id: made.id, stanza: subjectStanza(made, topic) }];
  });
  if (written.kind === 'written') return done([]);
  const { outcome } = written;
  if (outcome.kind !== 'refused' || outcome.code !== 'FORBIDDEN') return outcome;
  const who = delivery.persona?.label ?? session.settings.nick;
  const said = await byBot(task, wordsIn(session.ctx, channel.id).topic(who, topic), null);
  return said.kind === 'failed' ? said.outcome : done([], { lost: ['channelTopic'] });
}
