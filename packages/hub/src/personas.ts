import type { Persona } from '@brygga/contract';
import type { NetworkId, PersonId, Sender } from '@brygga/event';
import { personLabel, safeName } from '@brygga/text';

/** Names of one network made safe once; past that many all are made anew. */
const REMEMBERED_MAX = 20_000;

interface Made {
  readonly displayName: string;
  readonly persona: Persona;
}

/** How people appear elsewhere. The organisation comes from the settings, never from the network. */
export class Personas {
  readonly #organisations: ReadonlyMap<NetworkId, string>;
  readonly #made = new Map<NetworkId, Map<PersonId, Made>>();

  constructor(organisations: ReadonlyMap<NetworkId, string>) {
    this.#organisations = organisations;
  }

  of(network: NetworkId, sender: Pick<Sender, 'nativeId' | 'displayName'>): Persona {
    const made = this.#madeOf(network);
    const known = made.get(sender.nativeId);
    if (known?.displayName === sender.displayName) return known.persona;
    const persona = this.#make(network, sender);
    if (made.size >= REMEMBERED_MAX) made.clear();
    made.set(sender.nativeId, { displayName: sender.displayName, persona });
    return persona;
  }

  #madeOf(network: NetworkId): Map<PersonId, Made> {
    const known = this.#made.get(network);
    if (known !== undefined) return known;
    const made = new Map<PersonId, Made>();
    this.#made.set(network, made);
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
