import { type HubNotice, readHubNotice } from '@brygga/contract';
import { el } from './element.ts';
import { attribute, type Element, NS } from './stanza.ts';

/** Notices read of one room. */
export const HUBS_MAX = 32;

/** What a hub says of itself, in the presence of its bot: it is there for as long as the bot is. */
export const hubElement = ({ hub, instance, room, link, since }: HubNotice): Element =>
  el('hub', { xmlns: NS.brygga, name: hub, instance, room, link, since });

/** The notice in a presence, or null: anybody may write one. */
export function hubIn(presence: Element): HubNotice | null {
  const found = presence.getChild('hub', NS.brygga);
  if (found === undefined) return null;
  const [hub, instance, room, link, since] = ['name', 'instance', 'room', 'link', 'since'].map((name) =>
    attribute(found, name),
  );
  return readHubNotice({ hub, instance, room, link, since: since === '' ? undefined : Number(since) });
}
