import type { House, HouseRoom } from './house.ts';
import type { MatrixUser } from './matrix-user.ts';
import type { MattermostUser } from './mattermost-user.ts';
import type { Stamped } from './xmpp-people.ts';

/** A person who writes in one room of their own network. Ids are the native ones of that network. */
export interface Writer<Id> {
  say(text: string): Promise<Id>;
  edit(id: Id, text: string): Promise<void>;
  remove(id: Id): Promise<void>;
  /** What a removal takes along. */
  goesWith?(id: Id): readonly Id[];
  reply(id: Id, text: string): Promise<Id>;
  react(id: Id, emoji: string): Promise<void>;
}

export interface Mix {
  /** Messages to write; the acts on them (edits, removals, reactions) come on top. */
  readonly messages: number;
  /** Begins every text, so that what was written where is known: `a-3`. */
  readonly name: string;
  readonly random: () => number;
  /** Whether answers are answered too: in threads of two levels those of one root cannot be told apart. */
  readonly deep?: boolean;
  /** ms between two acts; 0 as fast as the network takes them. */
  readonly paceMs?: number;
}

const EMOJI = ['👍', '🎉', '❤️', '😀'] as const;
const pick = <T>(list: readonly T[], random: () => number): T | undefined =>
  list[Math.floor(random() * list.length)];

/**
 * Writes that many messages in order, each after the network has taken the one before, mixed with edits,
 * removals, replies and reactions on the writer's own earlier ones. `kept`: those not removed again.
 */
export async function write<Id>(
  writer: Writer<Id>,
  mix: Mix,
): Promise<{ readonly messages: number; readonly kept: number }> {
  const own: Own<Id> = { all: [], answerable: [] };
  let messages = 0;
  let acts = 0;
  for (; messages < mix.messages; acts++) {
    messages += await act(writer, own, `${mix.name}-${acts} zebrafink`, mix);
    if (mix.paceMs !== undefined && mix.paceMs > 0)
      await new Promise((resolve) => setTimeout(resolve, mix.paceMs));
  }
  return { messages, kept: own.all.length };
}

interface Own<Id> {
  /** Those not removed again. */
  readonly all: Id[];
  readonly answerable: Id[];
}

/** One act; returns how many messages it added. */
async function act<Id>(
  writer: Writer<Id>,
  { all, answerable }: Own<Id>,
  text: string,
  { random, deep = true }: Mix,
): Promise<0 | 1> {
  const chance = random();
  const target = pick(all, random);
  if (target === undefined || chance < 0.6) {
    const said = await writer.say(text);
    all.push(said);
    answerable.push(said);
    return 1;
  }
  if (chance < 0.7) {
    const answer = await writer.reply(pick(answerable, random) ?? target, `${text} answer`);
    all.push(answer);
    if (deep) answerable.push(answer);
    return 1;
  }
  if (chance < 0.82) await writer.edit(target, `${text} edited`);
  else if (chance < 0.94) await writer.react(target, pick(EMOJI, random) ?? '👍');
  else {
    await writer.remove(target);
    for (const gone of [target, ...(writer.goesWith?.(target) ?? [])]) forget(gone, all, answerable);
  }
  return 0;
}

function forget<Id>(id: Id, ...lists: readonly Id[][]): void {
  for (const list of lists) if (list.includes(id)) list.splice(list.indexOf(id), 1);
}

export function matrixWriter(person: MatrixUser, room: HouseRoom): Writer<string> {
  const place = room.matrix;
  const said = new Set<string>();
  return {
    say: (text) => person.say(place, text),
    edit: async (id, text) => {
      const content = { msgtype: 'm.text', body: text };
      await person.say(place, `* ${text}`, {
        'm.new_content': content,
        'm.relates_to': { rel_type: 'm.replace', event_id: id },
      });
    },
    remove: async (id) => {
      const path = `/v3/rooms/${encodeURIComponent(place)}/redact/${encodeURIComponent(id)}/r${encodeURIComponent(id)}`;
      await person.call('PUT', path, {});
    },
    reply: (id, text) => person.say(place, text, { 'm.relates_to': { 'm.in_reply_to': { event_id: id } } }),
    react: async (id, emoji) => {
      if (said.has(`${id} ${emoji}`)) return; // the server refuses the same one twice
      said.add(`${id} ${emoji}`);
      await person.send(place, 'm.reaction', {
        'm.relates_to': { rel_type: 'm.annotation', event_id: id, key: emoji },
      });
    },
  };
}

const NAMES: Readonly<Record<(typeof EMOJI)[number], string>> = {
  '👍': '+1',
  '🎉': 'tada',
  '❤️': 'heart',
  '😀': 'grinning',
};

/** Answers are threads of two levels, and a root that is removed takes them along. */
export function mattermostWriter(person: MattermostUser, channel: string): Writer<string> {
  const answers = new Map<string, string[]>();
  return {
    say: (text) => person.say(channel, text),
    edit: (id, text) => person.edit(id, text),
    remove: (id) => person.remove(id),
    goesWith: (id) => answers.get(id) ?? [],
    reply: async (id, text) => {
      const answer = await person.say(channel, text, id);
      answers.set(id, [...(answers.get(id) ?? []), answer]);
      return answer;
    },
    react: (id, emoji) => person.react(id, NAMES[emoji as keyof typeof NAMES]),
  };
}

export function xmppWriter(house: House, person: string, nick: string, room: HouseRoom): Writer<Stamped> {
  const { xmpp } = house;
  const sets = new Map<string, Set<string>>();
  return {
    say: (text) => xmpp.say(person, room.muc, text),
    edit: async (first, text) => void (await xmpp.edit(person, room.muc, first, text)),
    remove: async ({ stanzaId }) => void (await xmpp.retract(person, room.muc, stanzaId)),
    reply: ({ stanzaId }, text) =>
      xmpp.reply(person, room.muc, { stanzaId, from: `${room.muc}/${nick}` }, text),
    react: async ({ stanzaId }, emoji) => {
      const set = (sets.get(stanzaId) ?? new Set<string>()).add(emoji);
      sets.set(stanzaId, set);
      await xmpp.react(person, room.muc, stanzaId, [...set]);
    },
  };
}
