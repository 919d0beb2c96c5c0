import { type Dice, dice } from '@brygga/testkit';
import type { Act } from './acts.ts';
import type { Place, Size } from './stage.ts';
import type { Fault } from './strikes.ts';

/** What befalls the hub or its surroundings between two acts. */
export type Trouble =
  | { readonly trouble: 'strike'; readonly fault: Fault; readonly n: number }
  | { readonly trouble: 'networkDown'; readonly link: number; readonly ms: number }
  | { readonly trouble: 'hangUp'; readonly link: number }
  | { readonly trouble: 'cutOff'; readonly ms: number }
  | { readonly trouble: 'dateJumps'; readonly ms: number }
  | { readonly trouble: 'die' | 'freeze' | 'stop' | 'redisDies' };

/** What people do and what goes wrong meanwhile, all of it drawn from the seed. */
export interface Plot {
  readonly seed: number;
  readonly size: Size;
  readonly processes: number;
  /** Redis dies in it, so it needs one of its own. */
  readonly ownRedis: boolean;
  readonly steps: readonly (Act | Trouble)[];
}

export const PLOT: Size & { readonly acts: number } = { rooms: 5, links: 5, acts: 200 };
const TROUBLES = 10;
const EMOJI = ['👍', '🎉', '👀'] as const;

/** The plot of a seed: the same one every time. */
export function plotOf(seed: number, { acts, ...size }: typeof PLOT = PLOT): Plot {
  const chance = dice(seed);
  const ownRedis = chance.oneIn(10);
  const drawn = new Draft(chance, size, new Words());
  const steps: (Act | Trouble)[] = Array.from({ length: acts }, () => drawn.act());
  for (let count = 0; count < TROUBLES; count += 1)
    steps.splice(chance.below(steps.length), 0, troubleOf(chance, size));
  if (ownRedis) steps.splice(chance.below(steps.length), 0, { trouble: 'redisDies' });
  return { seed, size, processes: 1 + chance.below(3), ownRedis, steps };
}

interface Said {
  readonly word: string;
  readonly at: Place;
}

/** Words that no two messages share. */
export class Words {
  #given = 0;

  next(): string {
    this.#given += 1;
    return `w${this.#given}`;
  }
}

/** Draws acts that make sense after each other. */
export class Draft {
  readonly #chance: Dice;
  readonly #size: Size;
  readonly #words: Words;
  #said: Said[] = [];
  #changes = 0;

  constructor(chance: Dice, size: Size, words: Words) {
    this.#chance = chance;
    this.#size = size;
    this.#words = words;
  }

  act(): Act {
    const roll = this.#chance.below(100);
    const known = this.#said.length === 0 ? undefined : this.#said[this.#chance.below(this.#said.length)];
    if (known === undefined || roll < 52) return this.say();
    if (roll < 60) return { ...this.say(this.#beside(known.at)), replyTo: known.word };
    if (roll < 75) return { do: 'edit', ...known, text: `changed ${this.#change()}` };
    if (roll < 80) return this.#remove(known);
    if (roll < 95) return this.#react(known);
    const at = this.#place();
    return { do: this.#chance.oneIn(2) ? 'join' : 'leave', at, who: 'bob' };
  }

  /** Somebody says something new. */
  say(at = this.#place()): Extract<Act, { do: 'say' }> {
    const word = this.#words.next();
    this.#said.push({ word, at });
    return { do: 'say', at, word };
  }

  #remove(one: Said): Act {
    this.#said = this.#said.filter((other) => other !== one);
    return { do: 'remove', ...one };
  }

  #react({ word, at }: Said): Act {
    const emoji = this.#chance.pick(EMOJI);
    return { do: 'react', at: this.#beside(at), word, emoji, on: !this.#chance.oneIn(3) };
  }

  #change(): number {
    this.#changes += 1;
    return this.#changes;
  }

  #place(): Place {
    return { room: this.#chance.below(this.#size.rooms), link: this.#chance.below(this.#size.links) };
  }

  /** Any channel of the same room. */
  #beside({ room }: Place): Place {
    return { room, link: this.#chance.below(this.#size.links) };
  }
}

const WHOLE = [
  'networkDown',
  'hangUp',
  'cutOff',
  'dateJumps',
  'die',
  'freeze',
  'stop',
  'strike',
  'strike',
  'strike',
  'strike',
  'strike',
] as const;
const COMMANDS = ['refuse', 'lose', 'error', 'hang', 'die', 'dieAfter', 'freeze'] as const;
const CALLS = [
  ...(['before', 'commit', 'loseAnswer', 'lateAnswer', 'lag', 'throttle', 'internal', 'refuse'] as const),
  ...(['die', 'dieAfter', 'freeze'] as const),
] as const;
const NOTICES = ['duplicate', 'lag', 'reorder', 'forget'] as const;
const MINUTE_MS = 60_000;

function troubleOf(chance: Dice, { links }: Size): Trouble {
  const trouble = chance.pick(WHOLE);
  switch (trouble) {
    case 'strike':
      return { trouble, fault: faultOf(chance), n: 1 + chance.below(60) };
    case 'networkDown':
      return { trouble, link: chance.below(links), ms: 50 + chance.below(1500) };
    case 'hangUp':
      return { trouble, link: chance.below(links) };
    case 'cutOff':
      return { trouble, ms: 50 + chance.below(2500) };
    case 'dateJumps':
      return { trouble, ms: (chance.below(121) - 60) * MINUTE_MS };
    default:
      return { trouble };
  }
}

function faultOf(chance: Dice): Fault {
  switch (chance.below(3)) {
    case 0:
      return { on: 'command', of: chance.pick(['room', 'room', 'any', 'jobs']), what: chance.pick(COMMANDS) };
    case 1:
      return { on: 'call', what: chance.pick(CALLS) };
    default:
      return { on: 'notice', what: chance.pick(NOTICES) };
  }
}
