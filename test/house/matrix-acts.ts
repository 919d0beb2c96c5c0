import type { MatrixUser } from './matrix-user.ts';
import { until } from './until.ts';

const place = (room: string): string => `/v3/rooms/${encodeURIComponent(room)}`;

/** The content of a message with formatting. */
export const html = (body: string, formatted: string): object => ({
  msgtype: 'm.text',
  body,
  format: 'org.matrix.custom.html',
  formatted_body: formatted,
});

/** A replacement as clients write it: the outer text for those that know no edits. */
export function edit(person: MatrixUser, room: string, first: string, text: string): Promise<string> {
  return person.say(room, `* ${text}`, {
    'm.new_content': { msgtype: 'm.text', body: text },
    'm.relates_to': { rel_type: 'm.replace', event_id: first },
  });
}

let removals = 0;

export async function redact(person: MatrixUser, room: string, id: string): Promise<void> {
  removals += 1;
  await person.call('PUT', `${place(room)}/redact/${encodeURIComponent(id)}/r${removals}`, {});
}

export function reply(person: MatrixUser, room: string, to: string, text: string, more: object = {}) {
  return person.say(room, text, { 'm.relates_to': { 'm.in_reply_to': { event_id: to } }, ...more });
}

export function inThread(person: MatrixUser, room: string, root: string, last: string, text: string) {
  return person.say(room, text, {
    'm.relates_to': {
      rel_type: 'm.thread',
      event_id: root,
      is_falling_back: true,
      'm.in_reply_to': { event_id: last },
    },
  });
}

export function react(person: MatrixUser, room: string, to: string, key: string, more: object = {}) {
  return person.send(room, 'm.reaction', {
    'm.relates_to': { rel_type: 'm.annotation', event_id: to, key },
    ...more,
  });
}

export async function state(person: MatrixUser, room: string, type: string, content: object): Promise<void> {
  await person.call('PUT', `${place(room)}/state/${type}/`, content);
}

export async function stateOf(person: MatrixUser, room: string, type: string) {
  return person.call('GET', `${place(room)}/state/${type}/`);
}

export async function typing(person: MatrixUser, room: string, active: boolean): Promise<void> {
  await person.call('PUT', `${place(room)}/typing/${encodeURIComponent(person.id)}`, {
    typing: active,
    ...(active ? { timeout: 20_000 } : {}),
  });
}

/** Tells, each time it is asked, who writes in the room at this moment, as a client that syncs is told. */
export function writingIn(person: MatrixUser, room: string): () => Promise<readonly string[]> {
  const filter = JSON.stringify({ room: { rooms: [room], timeline: { limit: 1 } }, presence: { types: [] } });
  let since = '';
  let now: readonly string[] = [];
  return async () => {
    const sync = await person.call('GET', `/v3/sync?timeout=0&filter=${encodeURIComponent(filter)}${since}`);
    since = `&since=${encodeURIComponent(String(sync.next_batch))}`;
    const rooms = sync.rooms as Joined | undefined;
    const events = rooms?.join?.[room]?.ephemeral?.events ?? [];
    now = events.find(({ type }) => type === 'm.typing')?.content.user_ids ?? now;
    return now;
  };
}

interface Joined {
  readonly join?: Record<string, { readonly ephemeral?: { readonly events?: Ephemeral[] } }>;
}

interface Ephemeral {
  readonly type: string;
  readonly content: { readonly user_ids?: readonly string[] };
}

/** Takes another name, and waits until the room knows: the homeserver tells rooms of it by and by. */
export async function rename(person: MatrixUser, room: string, displayName: string): Promise<void> {
  const user = encodeURIComponent(person.id);
  await person.call('PUT', `/v3/profile/${user}/displayname`, { displayname: displayName });
  const member = `${place(room)}/state/m.room.member/${user}`;
  await until('the room knows the name', async () => {
    return (await person.call('GET', member)).displayname === displayName;
  });
}
