import { systemClock } from '@brygga/contract';
import type { LetterPlace, LetterVerdict, OperatorsDesk, RoomReport, Verdict } from '@brygga/hub';
import type { Io } from '../io.ts';
import { heldIo, only } from './run.ts';

/** Three hours after its letters were given up. */
export const NOW = Date.UTC(2026, 10, 23, 17, 5, 57);
const HOUR_MS = 3_600_000;

export const LINK = {
  id: 'drum',
  network: 'drum',
  organisation: 'Southern Watch',
  mode: 'active',
} as OperatorsDesk['rooms'][number]['links'][number];

export const SETTINGS = `
organisations: [{ id: north, name: Northern Watch }]
networks:
  - { id: tower, bridge: semaphore, organisation: north, settings: { server: "https://h", token: key-of-tower } }
rooms: []
`;

export const idOf = (number: number, link = 'drum'): string =>
  `01990a6c-0000-7000-8000-${String(number).padStart(12, '0')}/${link}`;

export function letter(number: number, verdict: Verdict = 'replayed', more: object = {}): LetterVerdict {
  const id = idOf(number);
  const base = {
    id,
    room: 'coast',
    linkId: 'drum',
    link: LINK,
    code: 'TOO_OLD',
    at: NOW - 3 * HOUR_MS,
    kind: 'message',
    acceptedAt: NOW - 80 * HOUR_MS,
    history: { tries: 41, since: NOW - 80 * HOUR_MS, last: NOW - 4 * HOUR_MS, codes: { NETWORK_DOWN: 41 } },
    replays: 0,
    event: id.slice(0, 36),
    target: null,
    origin: { network: 'tower', nativeId: 'flag-1' },
    key: 'k'.repeat(43),
    verdict,
    changed: false,
    ...more,
  };
  return JSON.parse(JSON.stringify(base)) as LetterVerdict;
}

/** A desk with these letters, and what was done at it. */
export function deskOf(letters: readonly LetterVerdict[], reports: readonly RoomReport[] = []) {
  const done: string[] = [];
  const note = (what: string, places: readonly LetterPlace[]): void =>
    void done.push(`${what} ${places.map(({ id }) => id).join(' ')}`);
  const desk: OperatorsDesk = {
    rooms: [{ id: 'coast' as (typeof reports)[number]['room'], links: [LINK] }],
    letters: {
      newest: async ({ link }, limit) =>
        letters.filter(({ linkId }) => link === undefined || linkId === link).slice(0, limit),
      all: async () => letters,
      find: async (ids) => letters.filter(({ id }) => ids.includes(id)),
      contents: async () => JSON.parse('{ "plain": "what ada wrote\\u001b[2J\\nand more" }'),
      look: async (places) => letters.filter(({ id }) => places.some((place) => place.id === id)),
      replay: async (places) => {
        note('replay', places);
        return letters.filter(({ id }) => places.some((place) => place.id === id));
      },
      drop: async (places) => {
        note('drop', places);
        return places;
      },
    },
    lanes: async () => reports,
    close: async () => void done.push('closed'),
  };
  return { desk, done };
}

/** Everything outside, with that desk and that answer to whatever is asked (null: nobody to ask). */
export function ioAt(
  desk: OperatorsDesk,
  answer: string | null = null,
): Partial<Io> & { readonly asked: string[] } {
  const asked: string[] = [];
  const ask = async (question: string): Promise<string> => {
    asked.push(question);
    return answer ?? '';
  };
  return {
    ...only(SETTINGS),
    clock: { ...systemClock, now: () => NOW },
    hub: { ...heldIo().io.hub, openDesk: () => desk },
    ask: answer === null ? null : ask,
    asked,
  };
}
