import type { Feature, Language, Manifest } from '@brygga/contract';
import type { Event, EventOf, Inline, LinkId } from '@brygga/event';
import { type Degraded, degrade } from './degrade.ts';
import { mapInlines } from './tree.ts';
import { WORDS } from './words.ts';

export interface PolicyLink {
  readonly id: LinkId;
  readonly mode: 'active' | 'readOnly' | 'paused';
  readonly manifest: Manifest;
}

export interface PolicyRoom {
  readonly massMentions: boolean;
  readonly membership: boolean;
  readonly topic: boolean;
  readonly language: Language;
  readonly links: readonly PolicyLink[];
}

/** Why a link does not get an event. */
export type Reason = 'originReadOnly' | 'notWanted' | 'notCarried' | 'refused';

/** What one link gets: the event (maybe in another form, maybe with a message beside it), or why not. */
export type Decision =
  | {
      readonly link: LinkId;
      readonly verdict: 'deliver';
      readonly event: Event;
      readonly hub: boolean;
      readonly lost: readonly Feature[];
      readonly beside?: EventOf<'message'>;
    }
  | {
      readonly link: LinkId;
      readonly verdict: 'withhold';
      readonly feature: Feature;
      readonly reason: Reason;
    };

/** The feature an event needs first. */
export function featureOf(event: Event, byModerator: boolean): Feature {
  switch (event.kind) {
    case 'delete':
      return byModerator ? 'deleteByModerator' : 'deleteOwn';
    case 'channel':
      return event.topic === undefined ? 'channelName' : 'channelTopic';
    default:
      return event.kind;
  }
}

/**
 * Station 3: who gets what, degraded how, and why. Pure. `who` is the sender's name as people see it,
 * `byModerator` tells that a removal is not the author's own, `before` what the sender of a reaction had set so far.
 */
export function plan(
  event: Event,
  origin: LinkId,
  room: PolicyRoom,
  who: string,
  byModerator: boolean,
  before: readonly string[] = [],
): Decision[] {
  const feature = featureOf(event, byModerator);
  const others = room.links.filter((link) => link.id !== origin);
  const withhold = (reason: Reason): Decision[] =>
    others.map((link) => ({ link: link.id, verdict: 'withhold', feature, reason }));
  if (room.links.find((link) => link.id === origin)?.mode === 'readOnly') return withhold('originReadOnly');
  if (event.kind === 'membership' && !room.membership) return withhold('notWanted');
  if (event.kind === 'channel' && !room.topic) return withhold('notWanted');
  const allowed = room.massMentions ? event : withoutMassMentions(event);
  const fit = (link: PolicyLink): Degraded | null =>
    degrade(allowed, feature, link.manifest, WORDS[room.language], who, before);
  return others.map((link) => decide(link, feature, fit));
}

function decide(link: PolicyLink, feature: Feature, fit: (link: PolicyLink) => Degraded | null): Decision {
  const grade = link.manifest.features[feature].out;
  if (grade === 'refused') return { link: link.id, verdict: 'withhold', feature, reason: 'refused' };
  const degraded = fit(link);
  if (degraded === null) return { link: link.id, verdict: 'withhold', feature, reason: 'notCarried' };
  return { ...degraded, link: link.id, verdict: 'deliver' };
}

const mass = (target: { readonly kind: string }): boolean => target.kind !== 'person';
const inWords = (node: Inline): Inline =>
  node.type === 'mention' && mass(node.target) ? { type: 'text', value: node.label } : node;

/**
 * Mentions of everybody become plain words: those the event lists and those that stand in its text, whichever of
 * the two the network filled in.
 */
function withoutMassMentions(event: Event): Event {
  if (event.kind !== 'message' && event.kind !== 'edit') return event;
  const body = mapInlines(event.body, inWords);
  const mentions = event.mentions.some(mass)
    ? event.mentions.filter((target) => !mass(target))
    : event.mentions;
  return body === event.body && mentions === event.mentions ? event : { ...event, body, mentions };
}
