import type { Account } from '../networks/mattermost/bootstrap.ts';
import type { Row } from '../networks/mattermost/client.ts';
import { Said } from './said.ts';

/** A post as a list of the server has it. */
export interface SeenPost {
  readonly id: string;
  readonly user_id: string;
  readonly root_id: string;
  readonly message: string;
  readonly type: string;
  readonly edit_at: number;
  readonly props: Readonly<Record<string, unknown>>;
  readonly metadata?: {
    readonly reactions?: readonly { readonly user_id: string; readonly emoji_name: string }[];
  };
}

const PAGE = 200;

/** A person with an ordinary account, and what they can see. */
export class MattermostUser {
  readonly account: Account;
  readonly #said: Said;

  constructor(account: Account, said = new Said()) {
    this.account = account;
    this.#said = said;
  }

  get id(): string {
    return this.account.id;
  }

  /** `root`: the post it answers. Returns the post's id. */
  async say(channel: string, message: string, root?: string): Promise<string> {
    this.#said.add(message);
    const body = { channel_id: channel, message, ...(root === undefined ? {} : { root_id: root }) };
    return (await this.account.rest.must('POST', '/posts', body)).id;
  }

  async edit(id: string, message: string): Promise<void> {
    this.#said.add(message);
    await this.account.rest.must('PUT', `/posts/${id}/patch`, { message });
  }

  async remove(id: string): Promise<void> {
    await this.account.rest.must('DELETE', `/posts/${id}`);
  }

  /** `name` without colons. */
  async react(id: string, name: string): Promise<void> {
    await this.account.rest.must('POST', '/reactions', {
      user_id: this.id,
      post_id: id,
      emoji_name: name,
    });
  }

  async unreact(id: string, name: string): Promise<void> {
    await this.account.rest.must('DELETE', `/users/${this.id}/posts/${id}/reactions/${name}`);
  }

  /** The newest that people see, oldest first: what the server itself says is left out. */
  async newest(channel: string, page = 0): Promise<SeenPost[]> {
    const path = `/channels/${channel}/posts?page=${page}&per_page=${PAGE}`;
    const list = await this.account.rest.must<{ order: string[]; posts: Record<string, SeenPost> }>(
      'GET',
      path,
    );
    return list.order.flatMap((id) => list.posts[id] ?? []).reverse();
  }

  /** Everything in the channel, oldest first. */
  async history(channel: string): Promise<SeenPost[]> {
    const all: SeenPost[] = [];
    for (let page = 0; ; page += 1) {
      const some = await this.newest(channel, page);
      all.unshift(...some);
      if (some.length < PAGE) return all;
    }
  }

  async rename(nickname: string): Promise<Row> {
    return this.account.rest.must('PUT', `/users/${this.id}/patch`, { nickname });
  }
}
