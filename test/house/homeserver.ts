import { randomUUID } from 'node:crypto';
import type { House } from './house.ts';
import { settingsOf } from './settings-file.ts';

function matrixSettings(house: House): Record<string, unknown> {
  const network = settingsOf(house).networks.find(({ id }) => id === 'skv-matrix');
  if (network === undefined) throw new Error('the house has no such network');
  return network.settings;
}

/** A call of the homeserver in the name of the hub's bot, by its application service token. */
export async function asBot(house: House, method: string, path: string): Promise<void> {
  const user = encodeURIComponent('@_brygga_bot:localhost');
  const answer = await fetch(`${house.synapse.url}/_matrix/client${path}?user_id=${user}`, {
    method,
    headers: { authorization: `Bearer ${String(matrixSettings(house).asToken)}` },
    body: '{}',
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

/**
 * Hands the hub a message as some other homeserver would: what Synapse itself refuses to take from a client (half
 * letters) may come this way. `sender` is who is said to have written it.
 */
export async function pushMessage(
  house: House,
  room: string,
  sender: string,
  content: object,
): Promise<void> {
  const { listen, hsToken } = matrixSettings(house);
  const { port } = listen as { readonly port: number };
  const event = {
    type: 'm.room.message',
    event_id: `$${randomUUID()}`,
    room_id: room,
    sender,
    origin_server_ts: Date.now(),
    content,
  };
  const answer = await fetch(`http://127.0.0.1:${port}/_matrix/app/v1/transactions/${randomUUID()}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${String(hsToken)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ events: [event] }),
  });
  if (answer.status !== 200) throw new Error(`the hub answered ${answer.status}`);
}
