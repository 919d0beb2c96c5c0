import type { Persona } from '@brygga/contract';
import type { NetworkId, Sender } from '@brygga/event';
import { personLabel, safeName } from '@brygga/text';

/** Names made safe once; past that many all are made anew. */
const REMEMBERED_MAX = 20_000;

/** How people appear elsewhere. The organisation comes from the settings, never from the network. */
export class Personas {
  readonly #organisations: ReadonlyMap<NetworkId, string>;
  readonly #made = new Map<string, Persona>();

  constructor(organisations: ReadonlyMap<NetworkId, string>) {
    this.#organisations = organisations;
  }

  of(network: NetworkId, sender: Pick<Sender, 'nativeId' | 'displayName'>): Persona {
    // With the length of the id, no id and name together read like another id and name.
    const key = `${network} ${sender.nativeId.length} ${sender.nativeId}${sender.displayName}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = this.#make(network, sender);
    if (this.#made.size >= REMEMBERED_MAX) this.#made.clear();
    this.#made.set(key, made);
    return made;
  }

  #make(network: NetworkId, sender: Pick<Sender, 'nativeId' | 'displayName'>): Persona {
    const name = safeName(sender.displayName);
    const organisation = this.#organisations.get(network) ?? network;
    return {
      network,
      person: sender.nativeId,
      name,
      organisation,
      label: personLabel(sender.displayName, organisation),
    };
  }
}
