import { Eyes, stampOf } from '../house/eyes.ts';
import { type House, type HouseOptions, type HouseRoom, openHouse } from '../house/house.ts';
import type { MatrixUser } from '../house/matrix-user.ts';
import type { Stamped, XmppPeople } from '../house/xmpp-people.ts';

/** Nicks under which Matrix people appear on XMPP, and names under which XMPP people appear on Matrix. */
export const ANNA = 'Anna Svensson (Skatteverket)';
export const GRETA = 'Greta Berg (Skatteverket)';
export const BOSSE = 'Bosse (MSB)';
export const CILLA = 'Cilla (MSB)';

/**
 * A room of four who have all spoken: Anna (owner) and Greta on Matrix, Bosse (owner) and Cilla on XMPP, and the
 * hub between them. Texts are told apart by `text`.
 */
export interface Scene {
  readonly house: House;
  readonly room: HouseRoom;
  readonly eyes: Eyes;
  readonly anna: MatrixUser;
  readonly greta: MatrixUser;
  readonly xmpp: XmppPeople;
  /** Matrix ids of the ghosts. */
  readonly ghosts: { readonly bosse: string; readonly cilla: string };
  text(about: string): string;
  /** Says it on Matrix; resolves when XMPP has it, with the ids of both sides. */
  fromMatrix(text: string, person?: MatrixUser): Promise<Both>;
  /** Says it on XMPP; resolves when Matrix has it. */
  fromXmpp(text: string, person?: string): Promise<Both>;
}

/** One message as either side knows it. */
export interface Both {
  readonly matrix: string;
  readonly xmpp: Stamped;
}

export interface SceneOptions extends Partial<HouseOptions> {
  /** Is given the house before its hub starts. */
  readonly beforeStart?: (house: House) => unknown;
}

export async function openScene({ beforeStart, ...options }: SceneOptions = {}): Promise<Scene> {
  const house = await openHouse({ rooms: 1, ...options });
  const [room] = house.rooms;
  if (room === undefined) throw new Error('no room');
  const greta = await house.matrixPerson('greta', 'Greta Berg');
  await house.xmpp.join('cilla', room.muc, 'Cilla');
  await beforeStart?.(house);
  await house.hub.start();
  const eyes = new Eyes(house, room);
  const { anna, xmpp } = house;
  const fromMatrix = async (text: string, person = anna): Promise<Both> => {
    const matrix = await person.say(room.matrix, text);
    const stanza = await eyes.readsXmpp(text);
    return { matrix, xmpp: { id: String(stanza.attrs.id), stanzaId: stampOf(stanza) } };
  };
  const fromXmpp = async (text: string, person = 'bosse'): Promise<Both> => {
    const stamped = await xmpp.say(person, room.muc, text);
    return { matrix: (await eyes.readsMatrix(text)).event_id, xmpp: stamped };
  };
  await fromMatrix('I am Anna');
  await fromMatrix('I am Greta', greta);
  await fromXmpp('I am Bosse');
  await fromXmpp('I am Cilla', 'cilla');
  const [bosse, cilla] = [await eyes.readsMatrix('I am Bosse'), await eyes.readsMatrix('I am Cilla')];
  let texts = 0;
  return {
    house,
    room,
    eyes,
    anna,
    greta,
    xmpp,
    ghosts: { bosse: bosse.sender, cilla: cilla.sender },
    text: (about) => {
      texts += 1;
      return `${about} ${texts}`;
    },
    fromMatrix,
    fromXmpp,
  };
}
