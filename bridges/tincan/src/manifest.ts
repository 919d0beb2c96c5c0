import {
  type Capability,
  FEATURES,
  type Feature,
  full,
  type Grade,
  graded,
  type Manifest,
} from '@brygga/contract';
import type { TincanSettings } from './settings.ts';

const features: Readonly<Record<Feature, Capability>> = {
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
  customEmoji: full(),
  emote: full(),
  notice: full(),
  mentionPerson: full(),
  mentionRoom: full(),
  message: full(),
  reply: full(),
  thread: full(),
  edit: full(),
  deleteOwn: full(),
  deleteByModerator: full(),
  reaction: full(),
  attachment: graded('partial', 'fallback', 'Named in words: a tin can carries no files.'),
  membership: full(),
  channelName: full(),
  channelTopic: full(),
  typing: full(),
  read: full(),
  personName: full(),
  messageStatus: graded('dropped', 'fallback', 'Out: a reaction and an answer by the hub.'),
  originalTime: graded('full', 'fallback', 'Out: what comes late ends with its time.'),
};

/** What a tincan network carries when nothing is taken away from it. */
export const manifest: Manifest = {
  protocol: 'tincan',
  title: 'Tincan',
  specifications: [{ id: 'two cans and a string', version: '1' }],
  features,
  limits: {
    textBytes: 4000,
    partsMax: 16,
    editAgeMs: null,
    fileBytes: 0,
    reactions: 'any',
    sendWindow: 16,
    sendWindowOf: 'anybody',
    sendTimeoutMs: 30_000,
  },
  idempotency: 'key',
  people: 'ghosts',
};

/** Features without a readable other form: they are dropped where the network is made to lack them. */
const PASSING: ReadonlySet<Feature> = new Set([
  'typing',
  'read',
  'membership',
  'channelName',
  'channelTopic',
]);

/** The manifest under these settings. */
export function manifestFor(
  settings: Pick<TincanSettings, 'without' | 'refuse' | 'idempotency' | 'sendWindow' | 'sendTimeoutMs'>,
  textBytes: number = manifest.limits.textBytes,
): Manifest {
  const gradeOf = (feature: Feature): Grade | null => {
    if (settings.refuse.includes(feature)) return 'refused';
    if (!settings.without.includes(feature)) return null;
    return PASSING.has(feature) ? 'dropped' : 'fallback';
  };
  const lowered = FEATURES.map((feature): [Feature, Capability] => {
    const out = gradeOf(feature);
    return [
      feature,
      out === null ? features[feature] : graded(features[feature].in, out, 'Taken away by the settings.'),
    ];
  });
  const { sendWindow, sendTimeoutMs } = settings;
  return {
    ...manifest,
    features: Object.fromEntries(lowered) as Record<Feature, Capability>,
    limits: { ...manifest.limits, textBytes, sendWindow, sendTimeoutMs },
    idempotency: settings.idempotency,
  };
}

/** Features whose out grade says that they are not carried as meant. */
export const lackingOf = ({ features: all }: Manifest): ReadonlySet<Feature> =>
  new Set(FEATURES.filter((feature) => all[feature].out !== 'full' && all[feature].out !== 'partial'));
