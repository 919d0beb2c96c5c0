import type { Language } from '@brygga/contract';
import type { EventOf } from '@brygga/event';

/** What the hub itself says, in the room's language. */
export interface Words {
  readonly edited: string;
  readonly removed: string;
  readonly reacted: (emoji: readonly string[]) => string;
  readonly file: (name: string, size: string | null) => string;
  readonly membership: (
    change: EventOf<'membership'>['change'],
    who: string,
    before: string | null,
  ) => string;
  readonly topic: (who: string, topic: string) => string;
  readonly name: (who: string, name: string) => string;
  readonly opened: (members: readonly string[]) => string;
  readonly undelivered: (organisation: string, why: string) => string;
  readonly late: (organisation: string, since: string, why: string) => string;
  readonly written: (time: string) => string;
  readonly arrivedLate: (organisation: string, count: number) => string;
  readonly otherHub: string;
}

const en: Words = {
  edited: '(edited)',
  removed: '(removed this message)',
  reacted: (emoji) => `reacted with ${emoji.join(' ')}`,
  file: (name, size) => `[file: ${name}${size === null ? '' : `, ${size}`}; not carried over]`,
  membership: (change, who, before) =>
    ({
      join: `${who} joined`,
      leave: `${who} left`,
      kick: `${who} was removed`,
      ban: `${who} was banned`,
      rename: `${before ?? who} is now called ${who}`,
    })[change],
  topic: (who, topic) => `${who} changed the topic to: ${topic}`,
  name: (who, name) => `${who} changed the name to: ${name}`,
  opened: (members) =>
    `Messages here are carried to and from other systems by a bridge. Taking part: ${members.join('; ')}.`,
  undelivered: (organisation, why) => `A message was not delivered to ${organisation}. ${why}`,
  late: (organisation, since, why) =>
    `Messages have not reached ${organisation} since ${since}. ${why} They are kept and will be delivered.`,
  written: (time) => `(written ${time})`,
  arrivedLate: (organisation, count) =>
    `Messages reach ${organisation} again. Arrived late: ${count} ${count === 1 ? 'message' : 'messages'}.`,
  otherHub: 'Another bridge carries messages from here already. This one does not.',
};

const sv: Words = {
  edited: '(ändrat)',
  removed: '(tog bort detta meddelande)',
  reacted: (emoji) => `reagerade med ${emoji.join(' ')}`,
  file: (name, size) => `[fil: ${name}${size === null ? '' : `, ${size}`}; överförs inte]`,
  membership: (change, who, before) =>
    ({
      join: `${who} gick med`,
      leave: `${who} lämnade`,
      kick: `${who} togs bort`,
      ban: `${who} stängdes av`,
      rename: `${before ?? who} heter nu ${who}`,
    })[change],
  topic: (who, topic) => `${who} ändrade ämnet till: ${topic}`,
  name: (who, name) => `${who} ändrade namnet till: ${name}`,
  opened: (members) =>
    `Meddelanden här förs till och från andra system genom en brygga. Deltar: ${members.join('; ')}.`,
  undelivered: (organisation, why) => `Ett meddelande kunde inte levereras till ${organisation}. ${why}`,
  late: (organisation, since, why) =>
    `Meddelanden har inte nått ${organisation} sedan ${since}. ${why} De sparas och levereras senare.`,
  written: (time) => `(skrivet ${time})`,
  arrivedLate: (organisation, count) =>
    `Meddelanden når ${organisation} igen. Kom fram sent: ${count} ${count === 1 ? 'meddelande' : 'meddelanden'}.`,
  otherHub: 'En annan brygga för redan över meddelanden härifrån. Den här gör det inte.',
};

export const WORDS: Readonly<Record<Language, Words>> = { en, sv };

/** `1.5 MB`, for people. */
export function sizeWords(bytes: number | null): string | null {
  if (bytes === null) return null;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, step] = [bytes, 0];
  // 999,950 is the first to be written 1000.0: that is 1.0 of the next unit
  while (value >= (step === 0 ? 1000 : 999.95) && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${step === 0 ? value : value.toFixed(1)} ${units[step]}`;
}

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', sv: 'sv-SE' };

/** `23 Nov, 14:03`, for people. `at`: ms since 1970. */
export function timeWords(at: number, language: Language, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALES[language], {
    timeZone,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}
