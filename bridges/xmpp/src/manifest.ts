import { type Capability, full, graded, type Manifest } from '@brygga/contract';
import type { XmppSettings } from './settings.ts';

/** Bytes of text in one message: what clients show without trouble, far below what ends a stream. */
export const TEXT_BYTES = 8192;
export const PARTS_MAX = 16;

const features: Manifest['features'] = {
  strong: graded(
    'full',
    'partial',
    'Styling (XEP-0393) cannot begin or end inside a word; there it is left out.',
  ),
  emphasis: graded(
    'full',
    'partial',
    'Styling (XEP-0393) cannot begin or end inside a word; there it is left out.',
  ),
  strike: graded(
    'full',
    'partial',
    'Styling (XEP-0393) cannot begin or end inside a word; there it is left out.',
  ),
  inlineCode: graded('full', 'partial', 'Code that holds a backtick is written without its marks.'),
  codeBlock: graded('full', 'partial', 'The language of a block is written, but few clients use it.'),
  quote: full(),
  list: graded(
    'dropped',
    'fallback',
    'A list is written as lines that begin with "- " or a number; XMPP has none.',
  ),
  heading: graded('dropped', 'fallback', 'A heading is written as a bold line; XMPP has none.'),
  link: graded(
    'partial',
    'fallback',
    'A link with a label is written "label (address)"; bare addresses arrive as links.',
  ),
  table: graded('dropped', 'fallback', 'A table is written in columns as a code block; XMPP has none.'),
  customEmoji: graded('dropped', 'fallback', 'A custom emoji is written as :name:.'),
  emote: full(),
  notice: graded(
    'dropped',
    'fallback',
    'XMPP has no mark for what machines say; it is written as a message.',
  ),
  mentionPerson: graded(
    'partial',
    'partial',
    'A nick in the text (XEP-0372 where sent): a nick of one or two letters is not taken for a mention.',
  ),
  mentionRoom: graded('dropped', 'fallback', 'Written as @all; XMPP calls nobody by it.'),
  message: full(),
  reply: graded(
    'full',
    'partial',
    'With quoted text as fallback (XEP-0461, XEP-0428) while the bridge remembers the message.',
  ),
  thread: graded(
    'partial',
    'partial',
    'A thread begun in XMPP is known until the bridge restarts; most clients do not show threads.',
  ),
  edit: graded(
    'full',
    'full',
    'Corrections (XEP-0308); clients may show one of an old message as a new message.',
  ),
  deleteOwn: graded('full', 'full', 'Retraction (XEP-0424); a client without it shows a line of text.'),
  deleteByModerator: graded(
    'partial',
    'partial',
    'Moderation (XEP-0425) needs the moderator role for the bot, else it is said in words; one made while the hub is away is not seen.',
  ),
  reaction: graded(
    'partial',
    'partial',
    'Unicode emoji only (XEP-0444), others are said in words; one sent without a store hint while the hub is away is not seen.',
  ),
  attachment: graded(
    'fallback',
    'fallback',
    'In: the address of the file, as a link. Out: its name and size in words.',
  ),
  membership: graded(
    'partial',
    'fallback',
    'In: not what happened while the hub was away. Out: a line of text by the bot.',
  ),
  channelName: graded(
    'partial',
    'fallback',
    'In: noticed when the room says that its settings changed. Out: a line of text by the bot.',
  ),
  channelTopic: graded('full', 'partial', 'Needs the right to change the subject, else it is said in words.'),
  typing: graded('full', 'partial', 'Only of ghosts that are in the room already, every 5 seconds at most.'),
  read: graded('dropped', 'dropped', 'Read markers in group chat are rare and not carried.'),
  personName: graded(
    'full',
    'partial',
    'Nicks are at most 60 bytes, without emoji, and numbered when taken.',
  ),
  messageStatus: graded('dropped', 'fallback', 'Out: a reaction and an answer by the bot.'),
  originalTime: graded('full', 'fallback', 'Out: what comes late ends with its time.'),
};

/** What this bridge carries, with a ghost for every remote person (component). */
export const manifest: Manifest = {
  protocol: 'xmpp',
  title: 'XMPP',
  specifications: [
    { id: 'RFC 6120', version: '2011' },
    { id: 'RFC 6121', version: '2011' },
    { id: 'XEP-0045', version: '1.35.5' },
    { id: 'XEP-0085', version: '2.1' },
    { id: 'XEP-0114', version: '1.6' },
    { id: 'XEP-0199', version: '2.0.1' },
    { id: 'XEP-0245', version: '1.0' },
    { id: 'XEP-0308', version: '1.2.1' },
    { id: 'XEP-0313', version: '1.1.3' },
    { id: 'XEP-0359', version: '0.7.0' },
    { id: 'XEP-0372', version: '0.4.1' },
    { id: 'XEP-0393', version: '1.1.1' },
    { id: 'XEP-0410', version: '1.1.0' },
    { id: 'XEP-0421', version: '1.0.0' },
    { id: 'XEP-0424', version: '0.4.2' },
    { id: 'XEP-0425', version: '0.3.0' },
    { id: 'XEP-0428', version: '0.2.1' },
    { id: 'XEP-0444', version: '0.2.1' },
    { id: 'XEP-0461', version: '0.2.1' },
  ],
  features,
  limits: {
    textBytes: TEXT_BYTES,
    partsMax: PARTS_MAX,
    editAgeMs: null,
    fileBytes: 0,
    reactions: 'unicode',
    sendWindow: 32,
    sendWindowOf: 'person',
    sendTimeoutMs: 60_000,
  },
  idempotency: 'lookup',
  people: 'ghosts',
};

const inAccount = (capability: Capability, out: Capability['out'], note: string): Capability => ({
  in: capability.in,
  out,
  note,
});

/** What differs when one account speaks for everybody. */
export const accountManifest: Manifest = {
  ...manifest,
  people: 'nameLine',
  features: {
    ...features,
    reaction: inAccount(
      features.reaction,
      'fallback',
      'Out: a line of text, since the account can only react as itself.',
    ),
    typing: inAccount(features.typing, 'dropped', 'The account would be seen typing for everybody.'),
    personName: inAccount(features.personName, 'fallback', 'Out: the name stands before the text.'),
  },
};

/** The manifest that holds under these settings. */
export function manifestFor(settings: XmppSettings): Manifest {
  const base = settings.mode === 'component' ? manifest : accountManifest;
  const editAgeMs = settings.editAgeHours === null ? null : settings.editAgeHours * 3_600_000;
  return { ...base, limits: { ...base.limits, editAgeMs } };
}
