import { FEATURES, type Feature, type Grade, graded, type Limits, type Manifest } from '@brygga/contract';
import {
  channelId,
  type Event,
  type EventOf,
  eventId,
  linkId,
  nativeId,
  networkId,
  personId,
  plainBody,
  type Target,
} from '@brygga/event';
import type { PolicyLink, PolicyRoom } from '../src/index.ts';

const LIMITS: Limits = {
  textBytes: 10_000,
  partsMax: 5,
  editAgeMs: null,
  fileBytes: 1_000_000,
  reactions: 'any',
  sendWindow: 1,
  sendWindowOf: 'person',
  sendTimeoutMs: 1000,
};

/** A manifest that carries everything out but what is named. */
export function manifest(out: Partial<Record<Feature, Grade>> = {}, limits: Partial<Limits> = {}): Manifest {
  const features = FEATURES.map((feature) => [
    feature,
    graded('full', out[feature] ?? 'full', 'as the case needs it'),
  ]);
  return {
    protocol: 'sample',
    title: 'Sample',
    specifications: [],
    features: Object.fromEntries(features) as Manifest['features'],
    limits: { ...LIMITS, ...limits },
    idempotency: 'key',
    people: 'ghosts',
  };
}

export const common = {
  v: 1,
  id: eventId('0190163d-8694-739b-aea5-966c26f8ad91'),
  origin: {
    network: networkId('north'),
    channel: channelId('c-north'),
    nativeId: nativeId('m1'),
    revision: '1',
    aliases: [],
  },
  sender: { nativeId: personId('ada'), displayName: 'Ada', kind: 'person' },
  sentAt: 1000,
  acceptedAt: 2000,
  hops: [],
} as const satisfies Partial<Event>;

/** `common` as a fresh, mutable copy, as events have it. */
const base = () => structuredClone(common) as Pick<Event, keyof typeof common>;

export const target: Target = {
  natives: [nativeId('m0')],
  event: eventId('0190163d-8694-739b-aea5-966c26f8ad90'),
};

export const message = (more: Partial<EventOf<'message'>> = {}): EventOf<'message'> => ({
  ...base(),
  kind: 'message',
  body: plainBody('hello'),
  plain: 'hello',
  style: 'text',
  mentions: [],
  attachments: [],
  ...more,
});
export const edit = (more: Partial<EventOf<'edit'>> = {}): EventOf<'edit'> => ({
  ...base(),
  kind: 'edit',
  target: structuredClone(target),
  body: plainBody('hullo'),
  plain: 'hullo',
  style: 'text',
  mentions: [],
  ...more,
});
export const removal = (more: Partial<EventOf<'delete'>> = {}): EventOf<'delete'> => ({
  ...base(),
  kind: 'delete',
  target: structuredClone(target),
  ...more,
});
export const reaction = (emoji: string[], more: Partial<EventOf<'reaction'>> = {}): EventOf<'reaction'> => ({
  ...base(),
  kind: 'reaction',
  target: structuredClone(target),
  mode: 'set',
  emoji,
  ...more,
});
export const membership = (more: Partial<EventOf<'membership'>> = {}): EventOf<'membership'> => ({
  ...base(),
  kind: 'membership',
  change: 'join',
  subject: { nativeId: personId('ada'), displayName: 'Ada' },
  ...more,
});
export const channel = (more: Partial<Pick<EventOf<'channel'>, 'name' | 'topic'>>): EventOf<'channel'> => ({
  ...base(),
  kind: 'channel',
  ...more,
});

export const link = (id: string, more: Partial<PolicyLink> = {}): PolicyLink => ({
  id: linkId(id),
  mode: 'active',
  manifest: manifest(),
  ...more,
});
export const room = (links: readonly PolicyLink[], more: Partial<PolicyRoom> = {}): PolicyRoom => ({
  massMentions: false,
  membership: true,
  topic: true,
  language: 'en',
  links,
  ...more,
});
