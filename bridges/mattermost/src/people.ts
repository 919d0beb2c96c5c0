import { clip } from '@brygga/text';
import { Recent } from '@brygga/wire';
import { z } from 'zod';
import { User } from './native.ts';
import type { Named } from './parse.ts';
import type { Answer, Rest } from './rest.ts';

/** People remembered; and names that nobody has. */
const PEOPLE_MAX = 20_000;
const NOBODY_MAX = 5_000;
/** Ids or names asked for in one request. */
const ASKED_MAX = 100;
const DISPLAY_NAME_CHARS = 250;

/** How the server wants people to be called (`TeammateNameDisplay`). */
export type NameDisplay = 'username' | 'nickname_full_name' | 'full_name';

/** The name people see of somebody. */
export function displayNameOf(user: User, display: NameDisplay): string {
  const full = `${user.first_name} ${user.last_name}`.trim();
  const names = { username: [], nickname_full_name: [user.nickname.trim(), full], full_name: [full] }[
    display
  ];
  return clip(names.find((name) => name !== '') ?? user.username, DISPLAY_NAME_CHARS);
}

/** The people of the server, asked for once and remembered until they change. */
export class People {
  readonly #rest: Rest;
  readonly #byId = new Recent<User>(PEOPLE_MAX);
  readonly #idOf = new Recent<string>(PEOPLE_MAX);
  readonly #nobody = new Recent<true>(NOBODY_MAX);
  display: NameDisplay = 'username';

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** Makes these known; what the server does not know stays unknown. The failure when it could not be asked. */
  async learnIds(ids: Iterable<string>): Promise<Answer<null>> {
    const missing = [...new Set(ids)].filter((id) => this.#byId.get(id) === undefined);
    return this.#learn('/users/ids', missing);
  }

  async learnNames(names: Iterable<string>): Promise<Answer<null>> {
    const missing = [...new Set(names)].filter(
      (name) => this.#idOf.get(name) === undefined && this.#nobody.get(name) === undefined,
    );
    const learnt = await this.#learn('/users/usernames', missing);
    if (learnt.ok)
      for (const name of missing) if (this.#idOf.get(name) === undefined) this.#nobody.set(name, true);
    return learnt;
  }

  user(id: string): User | undefined {
    return this.#byId.get(id);
  }

  nameOf(id: string): string {
    const user = this.#byId.get(id);
    return user === undefined ? id : displayNameOf(user, this.display);
  }

  named(username: string): Named | null {
    const id = this.#idOf.get(username);
    return id === undefined ? null : { id, displayName: this.nameOf(id) };
  }

  /** Somebody changed, or is new: asked for anew. */
  forget(id: string): void {
    const user = this.#byId.get(id);
    if (user !== undefined) this.#idOf.delete(user.username);
    this.#byId.delete(id);
    this.#nobody.clear();
  }

  async #learn(path: string, asked: readonly string[]): Promise<Answer<null>> {
    for (let from = 0; from < asked.length; from += ASKED_MAX) {
      const body = asked.slice(from, from + ASKED_MAX);
      const answer = await this.#rest.call({ method: 'POST', path, body, schema: z.array(User) });
      if (!answer.ok) return answer;
      for (const user of answer.value) {
        this.#byId.set(user.id, user);
        this.#idOf.set(user.username, user.id);
      }
    }
    return { ok: true, value: null };
  }
}
