import { full, graded, type Manifest } from '@brygga/contract';
import type { MattermostSettings } from './settings.ts';

const ONE_BOT = 'the bot reacts for all, while anybody has the reaction.';

const features: Manifest['features'] = {
  strong: full(),
  emphasis: full(),
  strike: full(),
  inlineCode: full(),
  codeBlock: full(),
  quote: full(),
  list: full(),
  heading: full(),
  link: full(),
  table: full(),
  customEmoji: graded('partial', 'partial', 'By name; shown where the server has one of that name.'),
  emote: graded('full', 'fallback', 'Written in italics: only people of the server can say /me.'),
  notice: graded('dropped', 'fallback', 'Mattermost has no mark for what machines say.'),
  mentionPerson: full(),
  mentionRoom: graded(
    'full',
    'partial',
    'Calls all where the bot has the permission `use_channel_mentions`.',
  ),
  message: full(),
  reply: graded(
    'dropped',
    'partial',
    'An answer stands in the thread of what it answers; answers are threads here.',
  ),
  thread: full(),
  edit: graded(
    'full',
    'partial',
    'Where the server bounds the time for edits, a later one is a new message.',
  ),
  deleteOwn: graded(
    'full',
    'partial',
    'What has been answered loses its words and stands: a removal would take the answers along.',
  ),
  deleteByModerator: graded(
    'partial',
    'partial',
    "In: nobody is told who removed a post; it is taken to be its author. Out: people's own posts need the bot to have `delete_others_posts`.",
  ),
  reaction: graded(
    'partial',
    'partial',
    `In: one taken back while the hub was stopped is not noticed. Out: ${ONE_BOT} What the server has no name for is dropped.`,
  ),
  attachment: graded('partial', 'fallback', 'Named; the file is not carried.'),
  membership: graded('full', 'fallback', 'Said by the bot.'),
  channelName: graded('full', 'fallback', 'Said by the bot: the channel keeps its own name.'),
  channelTopic: graded(
    'full',
    'partial',
    'As the header, where the bot may change it and 1,024 characters are enough; else said by the bot.',
  ),
  typing: graded('full', 'dropped', 'The bot would be shown as writing, not the person.'),
  read: graded('dropped', 'dropped', 'Mattermost tells nobody who has read.'),
  personName: graded('full', 'partial', 'In bold in the text, or above it where a webhook writes.'),
  messageStatus: graded('dropped', 'fallback', 'A short answer in the thread.'),
  originalTime: graded('full', 'fallback', 'Said in words: a post cannot be dated back.'),
};

/** What Mattermost carries, through a bot that writes people's names in bold. */
export const manifest: Manifest = {
  protocol: 'mattermost',
  title: 'Mattermost',
  specifications: [{ id: 'REST API and websocket', version: 'v4, servers 11.6 to 11.10' }],
  features,
  limits: {
    textBytes: 16_383,
    partsMax: 16,
    editAgeMs: null,
    fileBytes: 0,
    reactions: 'any',
    sendWindow: 1,
    sendWindowOf: 'person',
    sendTimeoutMs: 30_000,
  },
  idempotency: 'lookup',
  people: 'nameLine',
};

/** The same where webhooks write under people's names. */
export const manifestFor = ({ people }: Pick<MattermostSettings, 'people'>): Manifest =>
  people.appear === 'webhook' ? { ...manifest, people: 'perMessage' } : manifest;
