import { type Delivery, done, type Outcome, refused } from '@brygga/contract';
import { type EventOf, plainBody } from '@brygga/event';
import { markdownOf } from '@brygga/text';
import { beforehand, type Failure, isNotAllowed } from './errors.ts';
import { Channel } from './native.ts';
import { guard } from './render.ts';
import { path } from './rest.ts';
import type { Session } from './session.ts';
import { wordsIn } from './words.ts';

/** Code points a header may have (`model/channel.go`, `ChannelHeaderMaxRunes`). */
const HEADER_MAX = 1024;

/**
 * The bot sets the header, where it may, it fits and it differs; else it says it: `say` writes a message. That the
 * header changed is told in the bot's name, and so is no news.
 */
export async function sendTopic(
  session: Session,
  delivery: Delivery,
  event: EventOf<'channel'>,
  say: (message: EventOf<'message'>, delivery: Delivery) => Promise<Outcome>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { topic } = event;
  if (topic === undefined) return refused('FEATURE_REFUSED');
  const header = markdownOf(plainBody(topic), { guard });
  if ([...header].length <= HEADER_MAX) {
    const failure = await setHeader(session, delivery.channel, header, signal);
    if (failure === null) return done([]);
    if (!isNotAllowed(failure)) return beforehand(failure);
  }
  const plain = wordsIn(session.ctx, delivery.channel).topic(delivery.persona?.label ?? '', topic);
  const { topic: _, name: __, ...common } = event;
  const message: EventOf<'message'> = {
    ...common,
    kind: 'message',
    style: 'text',
    plain,
    body: plainBody(plain),
    mentions: [],
    attachments: [],
  };
  const outcome = await say(message, { ...delivery, persona: null });
  return outcome.kind === 'done' ? done([], { lost: ['channelTopic'] }) : outcome;
}

/** Null when the header stands there. */
async function setHeader(
  { rest }: Session,
  channel: string,
  header: string,
  signal: AbortSignal,
): Promise<Failure | null> {
  const current = await rest.call({
    method: 'GET',
    path: path`/channels/${channel}`,
    schema: Channel,
    signal,
  });
  if (!current.ok) return current.failure;
  if (current.value.header === header) return null;
  const set = await rest.call({
    method: 'PUT',
    path: path`/channels/${channel}/patch`,
    body: { header },
    schema: Channel,
    signal,
  });
  return set.ok ? null : set.failure;
}
