import { nativeId, personId } from '@brygga/event';
import { type NativeActor, type NativeRef, type SayFeature, waitFor } from '@brygga/testkit';
import type { Account } from '../../../test/networks/mattermost/bootstrap.ts';
import type { Row } from '../../../test/networks/mattermost/client.ts';
import { nameOf } from '../src/emoji.ts';

/** What a client of Mattermost writes for one feature around the word. */
const WRITTEN: Readonly<Partial<Record<SayFeature, (word: string) => string>>> = {
  strong: (word) => `a **${word}**`,
  emphasis: (word) => `a _${word}_`,
  strike: (word) => `a ~~${word}~~`,
  inlineCode: (word) => `a \`${word}\``,
  codeBlock: (word) => `\`\`\`js\n${word}\n\`\`\``,
  quote: (word) => `> ${word}\n\nb`,
  list: (word) => `- ${word}\n- b`,
  heading: (word) => `## ${word}`,
  link: (word) => `[${word}](https://example.org/)`,
  table: (word) => `| a |\n| --- |\n| ${word} |`,
  customEmoji: (word) => `a :${word}:`,
  mentionRoom: (word) => `@all ${word}`,
};

/** A person with an ordinary account in one channel, as the conformance suite wants them. */
export class ChannelActor implements NativeActor {
  readonly person;
  readonly displayName: string;
  readonly #account: Account;
  readonly #channel: Row;
  readonly #other: () => ChannelActor;

  constructor(account: Account, channel: Row, other: () => ChannelActor) {
    this.#account = account;
    this.#channel = channel;
    this.#other = other;
    this.person = personId(account.id);
    this.displayName = account.username;
  }

  async #post(message: string, more: object = {}): Promise<NativeRef> {
    const post = await this.#account.rest.must('POST', '/posts', {
      channel_id: this.#channel.id,
      message,
      ...more,
    });
    // Posts of one millisecond have no order in Mattermost; nobody writes two in one.
    await waitFor(() => Date.now() > Number(post.create_at), { everyMs: 1 });
    return { id: nativeId(post.id) };
  }

  /** Markdown knows the backslash; what is no markup must not become any. */
  async say(text: string, about: { replyTo?: NativeRef; thread?: NativeRef } = {}): Promise<NativeRef> {
    const root = (about.thread ?? about.replyTo)?.id;
    return this.#post(plain(text), root === undefined ? {} : { root_id: await this.#rootOf(root) });
  }

  async #rootOf(id: string): Promise<string> {
    const post = await this.#account.rest.must('GET', `/posts/${id}`);
    return String(post.root_id || post.id);
  }

  async sayWith(feature: SayFeature, word: string): Promise<NativeRef> {
    const written = WRITTEN[feature]?.(word);
    if (written !== undefined) return this.#post(written);
    if (feature === 'emote') return this.#post(`*${word}*`, { type: 'me' });
    if (feature === 'mentionPerson') return this.#post(`@${this.#other().#account.username} ${word}`);
    if (feature === 'attachment') return this.#file(word);
    throw new Error(`Mattermost has no ${feature}`);
  }

  async #file(word: string): Promise<NativeRef> {
    const form = new FormData();
    form.append('channel_id', this.#channel.id);
    form.append('files', new Blob(['hi'], { type: 'text/plain' }), `${word}.txt`);
    const uploaded = await this.#account.rest.must<{ file_infos: Row[] }>('POST', '/files', { raw: form });
    return this.#post('', { file_ids: uploaded.file_infos.map(({ id }) => id) });
  }

  async edit({ id }: NativeRef, text: string): Promise<void> {
    await this.#account.rest.must('PUT', `/posts/${id}/patch`, { message: plain(text) });
  }

  async remove({ id }: NativeRef): Promise<void> {
    await this.#account.rest.must('DELETE', `/posts/${id}`);
  }

  async react({ id }: NativeRef, emoji: string, on: boolean): Promise<void> {
    const name = nameOf(emoji) ?? emoji.replaceAll(':', '');
    const { rest, id: user } = this.#account;
    if (on) await rest.must('POST', '/reactions', { user_id: user, post_id: id, emoji_name: name });
    else await rest.must('DELETE', `/users/${user}/posts/${id}/reactions/${name}`);
  }

  async type(active: boolean): Promise<void> {
    if (active) await this.#account.rest.must('POST', '/users/me/typing', { channel_id: this.#channel.id });
  }

  async setTopic(header: string): Promise<void> {
    await this.#account.rest.must('PUT', `/channels/${this.#channel.id}/patch`, { header });
  }

  async setName(name: string): Promise<void> {
    await this.#account.rest.must('PUT', `/channels/${this.#channel.id}/patch`, { display_name: name });
  }

  async leave(): Promise<void> {
    await this.#account.rest.must('DELETE', `/channels/${this.#channel.id}/members/${this.#account.id}`);
  }

  async join(): Promise<void> {
    await this.#account.rest.must('POST', `/channels/${this.#channel.id}/members`, {
      user_id: this.#account.id,
    });
  }
}

/** As somebody types who wants these very letters. */
const plain = (text: string): string => text.replace(/[\\`*_{}[\]()#+\-.!|~>&]/g, '\\$&');
