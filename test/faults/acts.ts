import { waitFor } from '@brygga/testkit';
import type { Place, Stage } from './stage.ts';
import { shown } from './view.ts';

/** What somebody does in a channel. Every message has a word of its own, by which it is found everywhere. */
export type Act =
  | { readonly do: 'say'; readonly at: Place; readonly word: string; readonly replyTo?: string }
  | { readonly do: 'edit'; readonly at: Place; readonly word: string; readonly text: string }
  | { readonly do: 'remove'; readonly at: Place; readonly word: string }
  | {
      readonly do: 'react';
      readonly at: Place;
      readonly word: string;
      readonly emoji: string;
      readonly on: boolean;
    }
  | { readonly do: 'join' | 'leave'; readonly at: Place; readonly who: string };

const SHOWN_MS = 60_000;

/**
 * Does it, once what it is about is shown in the channel. What has been removed meanwhile is let be, and so is what
 * the channel will never show, since its delivery was given up.
 */
export async function perform(stage: Stage, act: Act): Promise<void> {
  if ('who' in act) {
    stage.person(act.at, act.who)[act.do]();
    return;
  }
  const ada = stage.person(act.at, 'ada');
  const about = act.do === 'say' ? act.replyTo : act.word;
  const id = about === undefined ? null : await find(stage, act.at, about);
  if (act.do === 'say') return void ada.post({ text: `${act.word} is said`, replyTo: id });
  if (id === null || stage.channel(act.at).message(id)?.removed !== false) return;
  if (act.do === 'edit') ada.edit(id, `${act.word} ${act.text}`);
  if (act.do === 'remove') ada.remove(id);
  if (act.do === 'react') ada.react(id, act.emoji, act.on);
}

/** Each look reads all that a channel shows. */
const LOOK_MS = 20;

/** The id of the message of that word in that channel; null when it was given up on. */
async function find(stage: Stage, at: Place, word: string): Promise<string | null> {
  const what = `${word} is shown in room ${at.room} on link ${at.link}`;
  const found = await waitFor(
    async () => {
      const id = shown(stage.channel(at)).find((one) => one.word === word)?.id;
      if (id !== undefined) return { id };
      const letters = await stage.deadLetters(at.room);
      const given = letters.some(
        ({ link, kind, word: about }) => link === at.link && kind === 'message' && about === word,
      );
      return given ? { id: null } : null;
    },
    { everyMs: LOOK_MS, withinMs: SHOWN_MS, what },
  );
  return found.id;
}
