import { field, isJson } from '../src/native.ts';
import type { MatrixUser } from './matrix-user.ts';

/** Who is shown as writing to a person in one room, by what `/sync` tells since the last look. */
export class Typing {
  readonly #user: MatrixUser;
  readonly #room: string;
  #since = '';
  #names: string[] = [];

  constructor(user: MatrixUser, room: string) {
    this.#user = user;
    this.#room = room;
  }

  async now(): Promise<readonly string[]> {
    const filter = encodeURIComponent(JSON.stringify({ room: { rooms: [this.#room] } }));
    const sync = await this.#user.call('GET', `/v3/sync?timeout=0&filter=${filter}${this.#since}`);
    this.#since = `&since=${String(sync.next_batch)}`;
    const room = field(field(field(sync, 'rooms'), 'join'), this.#room);
    const events = field(field(room, 'ephemeral'), 'events');
    for (const event of Array.isArray(events) ? events : []) {
      if (field(event, 'type') === 'm.typing') await this.#told(field(field(event, 'content'), 'user_ids'));
    }
    return this.#names;
  }

  async #told(users: unknown): Promise<void> {
    const members = await this.#user.call(
      'GET',
      `/v3/rooms/${encodeURIComponent(this.#room)}/joined_members`,
    );
    const ids = Array.isArray(users) ? users.map(String) : [];
    this.#names = ids.map((id) => {
      const member = field(members.joined, id);
      return isJson(member) ? String(member.display_name) : id;
    });
  }
}
