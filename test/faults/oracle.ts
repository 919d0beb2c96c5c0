import { personId } from '@brygga/event';
import { ghostId, hubId, isBridged } from '@brygga/tincan';
import { HUB, type Letter, networkName, type Place, personAt, roomName, type Stage } from './stage.ts';
import { type Shown, shown } from './view.ts';

/** One room as its channels show it. */
interface RoomView {
  readonly channels: readonly (readonly Shown[])[];
  readonly letters: readonly Letter[];
  /** Something did go wrong on the way. */
  readonly hurt: boolean;
}

/**
 * What is wrong with the histories of the channels, which are all that counts: every message exactly once on every
 * link, or a dead letter that its origin was told of; changed, removed and reacted to as at its origin; in one
 * order everywhere; no echo. Empty when all is well, or until all has arrived.
 */
export async function complaints(stage: Stage, hurt: boolean): Promise<string[]> {
  const rooms = Array.from({ length: stage.size.rooms }, (_, room) => room);
  const found = await Promise.all(
    rooms.map(async (room) => {
      const view = { channels: channelsOf(stage, room), letters: await stage.deadLetters(room), hurt };
      return [...messages(view), ...order(view), ...members(stage, room, view)].map(
        (one) => `${roomName(room)}: ${one}`,
      );
    }),
  );
  return found.flat();
}

const channelsOf = (stage: Stage, room: number): Shown[][] =>
  Array.from({ length: stage.size.links }, (_, link) => shown(stage.channel({ room, link })));

function messages(view: RoomView): string[] {
  return view.channels.flatMap((channel, origin) =>
    channel
      .filter(({ native, word }) => native && word !== null)
      .flatMap((message) =>
        view.channels.flatMap((_, link) =>
          one(view, origin, link, message).map((says) => `${message.word} of n${origin} on n${link} ${says}`),
        ),
      ),
  );
}

/** What is wrong with one message on one link. */
function one(view: RoomView, origin: number, link: number, meant: Shown): string[] {
  const copies = (view.channels[link] ?? []).filter(({ word }) => word === meant.word);
  const given = view.letters.filter((letter) => letter.link === link && letter.word === meant.word);
  const [copy, ...more] = copies;
  if (given.some(({ kind }) => kind === 'message')) {
    const told = view.channels[origin]?.some(({ by, word }) => by === hubId(HUB) && word === null) ?? false;
    return told ? [] : ['was given up, and nobody was told'];
  }
  if (copy === undefined) return ['is missing'];
  if (more.length > 0) return [`is there ${copies.length} times`];
  if (given.length > 0) return [];
  const by = link === origin ? meant.by : ghost(origin, meant.by);
  return [
    ...(copy.by === by ? [] : [`is said by ${copy.by}`]),
    ...(copy.removed === meant.removed ? [] : [meant.removed ? 'is still there' : 'is gone']),
    ...(copy.text === meant.text ? [] : [`reads "${copy.text}" instead of "${meant.text}"`]),
    ...(isAnswer(view, answered(view, origin, meant), answered(view, link, copy))
      ? []
      : ['answers something else']),
    ...(meant.removed ? [] : reactions(view, link, copy)),
  ];
}

const ghost = (origin: number, person: string): string => ghostId(networkName(origin), personId(person));

const answered = (view: RoomView, link: number, { replyTo }: Shown): string | null =>
  replyTo === null ? null : (view.channels[link]?.find(({ id }) => id === replyTo)?.word ?? 'unknown');

/**
 * After a fault an answer may stand by itself: what it answers was given up, or nobody knew yet, when it was said,
 * which message of the channel that was. It never answers another one.
 */
const isAnswer = ({ hurt }: RoomView, meant: string | null, shows: string | null): boolean =>
  meant === shows || (hurt && shows === null);

/**
 * Reactions of the people of each network to their own copy, which every other copy must show as theirs. The hub
 * itself may show at any that something did not arrive.
 */
function reactions(view: RoomView, link: number, copy: Shown): string[] {
  const wanted = new Map<string, string>();
  for (const [from, channel] of view.channels.entries()) {
    const theirs = channel.find(({ word }) => word === copy.word)?.reactions ?? [];
    for (const [person, emoji] of theirs) {
      if (isBridged(person)) continue;
      wanted.set(from === link ? person : ghost(from, person), [...emoji].sort().join(' '));
    }
  }
  const shown = [...copy.reactions].filter(([person]) => person !== hubId(HUB));
  const there = shown.map(([person, emoji]) => `${person}: ${[...emoji].sort().join(' ')}`);
  const meant = [...wanted].map(([person, emoji]) => `${person}: ${emoji}`);
  return there.sort().join() === meant.sort().join()
    ? []
    : [`has reactions [${there}] instead of [${meant}]`];
}

/** Each origin's messages come in its own order, and those of others in one order on every two links. */
function order(view: RoomView): string[] {
  const wrong: string[] = [];
  // What was given up may be said later after all, when it is changed.
  const given = new Set(view.letters.map(({ link, word }) => `${link} ${word}`));
  const from = (link: number): Map<string, number> =>
    new Map(
      (view.channels[link] ?? []).flatMap(({ word }, place) =>
        word === null || given.has(`${link} ${word}`) ? [] : [[word, place]],
      ),
    );
  const origins = new Map<string, number>();
  for (const [link, channel] of view.channels.entries())
    for (const { word, native } of channel) if (native && word !== null) origins.set(word, link);
  for (const [a, channel] of view.channels.entries()) {
    for (const b of view.channels.keys()) {
      if (a === b) continue;
      const places = from(b);
      // What is said on either of the two stands there in the order of its own server.
      const words = channel
        .map(({ word }) => word)
        .filter((word): word is string => word !== null && places.has(word) && !given.has(`${a} ${word}`))
        .filter((word) => origins.get(word) !== a && origins.get(word) !== b);
      wrong.push(...disorder(words, places, `n${a} and n${b}`));
      const own = channel
        .filter(({ native, word }) => native && word !== null && places.has(word))
        .map(({ word }) => word ?? '');
      wrong.push(...disorder(own, places, `n${a} itself and n${b}`));
    }
  }
  return wrong;
}

function disorder(words: readonly string[], places: ReadonlyMap<string, number>, where: string): string[] {
  for (let index = 1; index < words.length; index += 1) {
    const [before, after] = [words[index - 1] ?? '', words[index] ?? ''];
    if ((places.get(before) ?? 0) > (places.get(after) ?? 0))
      return [`${where} show ${before} and ${after} in different order`];
  }
  return [];
}

/** Whoever is in a channel of their own network is there on every other one. */
function members(stage: Stage, room: number, { letters }: RoomView): string[] {
  const given = (link: number): boolean =>
    letters.some((one) => one.link === link && one.kind === 'membership');
  const links = Array.from({ length: stage.size.links }, (_, link) => link);
  return links.flatMap((link) => {
    const there = (other: Place, id: string): boolean => stage.channel(other).members.has(id);
    const bob = personAt({ room, link }, 'bob');
    const native = there({ room, link }, bob);
    return links
      .filter(
        (other) =>
          other !== link && !given(other) && there({ room, link: other }, ghost(link, bob)) !== native,
      )
      .map((other) => `bob of n${link} is ${native ? 'not ' : ''}on n${other}`);
  });
}

/** Keys of Redis in which a word of the script still stands, dead letters apart. */
export async function remains(stage: Stage): Promise<string[]> {
  const found: string[] = [];
  for (const keys of await stage.keys()) {
    for (const key of keys) {
      if (key.endsWith(':letters')) continue;
      const text = JSON.stringify(await contentsOf(stage, key));
      if (/\bw\d+ is said|\bw\d+ changed/.test(text)) found.push(key);
    }
  }
  return found;
}

async function contentsOf({ raw }: Stage, key: string): Promise<unknown> {
  switch (await raw.type(key)) {
    case 'string':
      return raw.get(key);
    case 'list':
      return raw.lrange(key, 0, -1);
    case 'hash':
      return raw.hgetall(key);
    case 'set':
      return raw.smembers(key);
    case 'zset':
      return raw.zrange(key, '0', '-1');
    case 'stream':
      return raw.xrange(key, '-', '+');
    default:
      return null;
  }
}
