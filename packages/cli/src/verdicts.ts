import type { LetterVerdict, Verdict } from '@brygga/hub';

/** What a replay would do with a letter, and did, in the operator's words. */
const VERDICTS: Readonly<Record<Verdict, { readonly would: string; readonly did: string }>> = {
  replayed: {
    would: 'would go to the end of its lane: it arrives late, out of its place',
    did: 'put back to the end of its lane',
  },
  gone: {
    would: 'is no dead letter any more',
    did: 'not put back: it is no dead letter any more',
  },
  removed: {
    would: 'would stay: its message was removed meanwhile; drop it',
    did: 'not put back: its message was removed meanwhile; drop it',
  },
  overtaken: {
    would: 'would stay: a later change of the same thing has come; drop it',
    did: 'not put back: a later change of the same thing has come; drop it',
  },
  full: {
    would: 'would stay: its lane is full (limits.laneItemsMax, laneBytesMax); see brygga lanes',
    did: 'not put back: its lane is full (limits.laneItemsMax, laneBytesMax); see brygga lanes, then again',
  },
  retired: {
    would: 'would stay: its link is not in the settings; put the link back under the same id, or drop it',
    did: 'not put back: its link is not in the settings; put the link back under the same id, or drop it',
  },
  targetDead: {
    would: 'would stay: the message it changes is a dead letter too; replay both in one command',
    did: 'not put back: the message it changes is a dead letter too; replay both in one command',
  },
};

const noteOf = ({ verdict, changed, link }: LetterVerdict): string =>
  verdict !== 'replayed'
    ? ''
    : [
        ...(changed ? ['; it was changed since, and arrives with its first words'] : []),
        ...(link?.mode === 'paused' ? ['; its link is paused: it waits there'] : []),
      ].join('');

/** What a replay would do with the letter, with what is to be known before. */
export const wouldDo = (letter: LetterVerdict): string => VERDICTS[letter.verdict].would + noteOf(letter);

/** What a replay did with it. */
export const did = (letter: LetterVerdict): string => VERDICTS[letter.verdict].did + noteOf(letter);
