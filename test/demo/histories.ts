import { wholeTimeline } from '../house/compare.ts';
import type { House, HouseRoom, SeenEvent } from '../house/house.ts';
import { type SeenMessage, seenOnMatrix, seenOnXmpp } from '../house/views.ts';
import type { Conversation, Told } from './conversation.ts';
import { marked } from './marks.ts';
import { labelOf, other, PEOPLE, type Side } from './script.ts';

/** A message as one side shows it. */
export interface Shown {
  readonly id: string;
  readonly who: string;
  readonly text: string;
  readonly deleted: boolean;
  readonly edited: boolean;
  readonly answers: string | null;
  readonly reactions: readonly { readonly emoji: string; readonly who: readonly string[] }[];
}

type Names = (sender: string) => string;

const shown = (seen: SeenMessage, names: Names, text = seen.text): Shown => ({
  id: seen.id,
  who: names(seen.sender),
  text,
  deleted: seen.deleted,
  edited: seen.edited,
  answers: seen.replyTo,
  reactions: [...seen.reactions].flatMap(([emoji, people]) =>
    people.size === 0 ? [] : [{ emoji, who: [...people].map(names) }],
  ),
});

interface Content {
  readonly body?: string;
  readonly formatted_body?: string;
  readonly 'm.new_content'?: Content;
  readonly 'm.relates_to'?: { readonly rel_type?: string; readonly event_id?: string };
}

/** The formatted texts of messages, by id; of an edited one the newest. */
function formatted(timeline: readonly SeenEvent[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const event of timeline) {
    if (event.type !== 'm.room.message') continue;
    const content: Content = event.content;
    const relation = content['m.relates_to'];
    const edits = relation?.rel_type === 'm.replace';
    const html = (edits ? content['m.new_content'] : content)?.formatted_body;
    const id = edits ? (relation.event_id ?? '') : event.event_id;
    if (html === undefined) texts.delete(id);
    else texts.set(id, marked(html));
  }
  return texts;
}

async function onMatrix({ anna }: House, room: HouseRoom): Promise<Shown[]> {
  const timeline = await wholeTimeline(anna, room.matrix);
  const answer = await anna.call('GET', `/v3/rooms/${encodeURIComponent(room.matrix)}/joined_members`);
  const members = answer.joined as Readonly<Record<string, { readonly display_name?: string }>>;
  const texts = formatted(timeline);
  const names: Names = (sender) => members[sender]?.display_name ?? sender;
  return seenOnMatrix(timeline).map((seen) => shown(seen, names, texts.get(seen.id)));
}

async function onXmpp({ xmpp }: House, room: HouseRoom): Promise<Shown[]> {
  const archive = await xmpp.archive('bosse', room.muc);
  const names: Names = (sender) => sender.slice(room.muc.length + 1);
  return seenOnXmpp(archive).map((seen) => shown(seen, names));
}

export type Histories = Readonly<Record<Side, readonly Shown[]>>;

/** Both servers' own histories of the room, without what stood there `before`. */
export async function histories(house: House, room: HouseRoom, before?: Histories): Promise<Histories> {
  const [matrix, xmpp] = await Promise.all([onMatrix(house, room), onXmpp(house, room)]);
  const fresh = (now: readonly Shown[], old: readonly Shown[] = []): readonly Shown[] => {
    const known = new Set(old.map(({ id }) => id));
    return now.filter(({ id }) => !known.has(id));
  };
  return { matrix: fresh(matrix, before?.matrix), xmpp: fresh(xmpp, before?.xmpp) };
}

/** One message on both sides; one side is missing where it is on the other only. `told`: null for the hub's own. */
export interface Row {
  readonly matrix: Shown | undefined;
  readonly xmpp: Shown | undefined;
  readonly told: Told | null;
}

/** Both histories in their own order, the same message in one row. */
export function rowsOf({ matrix, xmpp }: Histories, { told }: Conversation): Row[] {
  const tellings = new Map(told.map((one) => [one.matrix, one]));
  const partner = (left: Shown): Shown | undefined => {
    const id = tellings.get(left.id)?.xmpp;
    return xmpp.find((right) => (id === undefined ? right.text === left.text : right.id === id));
  };
  const partners = new Map(matrix.map((left) => [left.id, partner(left)]));
  const matched = new Set([...partners.values()].map((right) => right?.id));
  const rows: Row[] = [];
  const rest = [...xmpp];
  const alone = (): void => {
    while (rest[0] !== undefined && !matched.has(rest[0].id))
      rows.push({ matrix: undefined, xmpp: rest.shift(), told: null });
  };
  for (const left of matrix) {
    alone();
    const right = partners.get(left.id);
    const at = right === undefined ? -1 : rest.indexOf(right);
    if (at >= 0) rest.splice(at, 1);
    rows.push({ matrix: left, xmpp: right, told: tellings.get(left.id) ?? null });
  }
  alone();
  return rows;
}

const bare = (text: string): string => text.replaceAll(/[\s*_~`]/g, '');
const tally = ({ reactions }: Shown): string =>
  reactions
    .map(({ emoji, who }) => `${emoji}${who.length}`)
    .sort()
    .join();

/** What is not the same on both sides, in words; empty when the whole conversation crossed. */
export function differences(rows: readonly Row[], { xmpp }: Histories): string[] {
  const order = (shownThere: readonly (Shown | undefined)[]): string =>
    shownThere.flatMap((one) => one?.id ?? []).join();
  const inOrder = order(rows.map((row) => row.xmpp)) === order(xmpp);
  const inRow = new Map(rows.map((row) => [row.matrix?.id, row.xmpp?.id]));
  const found = rows.flatMap((row) => differencesIn(row, (id) => inRow.get(id) ?? 'nothing'));
  return inOrder ? found : [...found, 'the order on XMPP is another one than on Matrix'];
}

function differencesIn({ matrix, xmpp, told }: Row, onXmppToo: (id: string) => string): string[] {
  if (matrix === undefined || xmpp === undefined) {
    const system = matrix === undefined ? 'XMPP' : 'Matrix';
    return [`"${(matrix ?? xmpp)?.text ?? ''}" is on ${system} only`];
  }
  if (told === null) return [];
  const reader = told.by === 'matrix' ? xmpp : matrix;
  const label = labelOf(PEOPLE[told.by]);
  const same: readonly (readonly [boolean, string])[] = [
    [bare(matrix.text) === bare(xmpp.text) || matrix.deleted, 'the text is another one on XMPP'],
    [matrix.deleted === xmpp.deleted, 'removed on one side only'],
    [matrix.edited === xmpp.edited, 'edited on one side only'],
    [
      (matrix.answers === null ? null : onXmppToo(matrix.answers)) === xmpp.answers,
      'answers another message',
    ],
    [tally(matrix) === tally(xmpp), 'the reactions are others on XMPP'],
    [reader.who === label, `"${label}" is called "${reader.who}" on ${PEOPLE[other(told.by)].system}`],
  ];
  return same.filter(([holds]) => !holds).map(([, words]) => `"${matrix.text}": ${words}`);
}
