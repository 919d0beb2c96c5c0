import { type NetworkId, networkId, type PersonId, personId } from '@brygga/event';

/**
 * Ids of ghosts: `~<network>/<person>`, the person percent-encoded. Nobody of the network itself has an id with
 * a `~`, so the two cannot be confused.
 */
export const ghostId = (network: NetworkId, person: PersonId): string =>
  `~${network}/${encodeURIComponent(person.toWellFormed())}`;

/** Whom a ghost stands for; null for people of the network itself, and for the hub. */
export function ghostOf(id: string): { readonly network: NetworkId; readonly person: PersonId } | null {
  const [, network, person] = /^~([a-z0-9][a-z0-9._-]{0,63})\/(.+)$/s.exec(id) ?? [];
  if (network === undefined || person === undefined) return null;
  try {
    return { network: networkId(network), person: personId(decodeURIComponent(person)) };
  } catch {
    // Percent signs that encode nothing: no ghost of ours.
    return null;
  }
}

/** Whether an id is a ghost's or a hub's, of this or any other bridge. */
export const isBridged = (id: string): boolean => id.startsWith('~');

/** As what the hub itself speaks. */
export const hubId = (hub: string): string => `~${hub}`;

/** What part `index` of a delivery is called: on tincan both key and tag. */
export const partKey = (key: string, index: number): string => `${key}.${index}`;
