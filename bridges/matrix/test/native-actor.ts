import { nativeId, personId } from '@brygga/event';
import type { NativeActor, NativeRef, SayFeature } from '@brygga/testkit';
import type { MatrixUser } from './matrix-user.ts';

/** What a client of Matrix writes for one feature around the word. */
const FORMATTED: Readonly<Partial<Record<SayFeature, (word: string) => string>>> = {
  strong: (word) => `a <strong>${word}</strong>`,
  emphasis: (word) => `a <em>${word}</em>`,
  strike: (word) => `a <del>${word}</del>`,
  inlineCode: (word) => `a <code>${word}</code>`,
  codeBlock: (word) => `<pre><code class="language-js">${word}\n</code></pre>`,
  quote: (word) => `<blockquote><p>${word}</p></blockquote><p>b</p>`,
  list: (word) => `<ul><li>${word}</li><li>b</li></ul>`,
  heading: (word) => `<h2>${word}</h2>`,
  link: (word) => `<a href="https://example.org/">${word}</a>`,
  table: (word) =>
    `<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>${word}</td></tr></tbody></table>`,
  customEmoji: (word) => `a <img data-mx-emoticon src="mxc://near.test/abc" alt=":${word}:" height="32">`,
};

/** A person with an ordinary account in one room, as the conformance suite wants them. */
export class RoomActor implements NativeActor {
  readonly person;
  readonly displayName: string;
  readonly #user: MatrixUser;
  readonly #room: string;
  readonly #other: () => RoomActor;
  readonly #reactions = new Map<string, string>();
  readonly #threads = new Map<string, string>();

  constructor(user: MatrixUser, displayName: string, room: string, other: () => RoomActor) {
    this.#user = user;
    this.#room = room;
    this.#other = other;
    this.person = personId(user.id);
    this.displayName = displayName;
  }

  get #at(): string {
    return `/v3/rooms/${encodeURIComponent(this.#room)}`;
  }

  async #send(content: object, type = 'm.room.message'): Promise<NativeRef> {
    return { id: nativeId(await this.#user.send(this.#room, type, content)) };
  }

  async say(text: string, about: { replyTo?: NativeRef; thread?: NativeRef } = {}): Promise<NativeRef> {
    const { replyTo, thread } = about;
    const content = { msgtype: 'm.text', body: text, 'm.mentions': {} };
    if (thread === undefined) {
      const relates =
        replyTo === undefined ? {} : { 'm.relates_to': { 'm.in_reply_to': { event_id: replyTo.id } } };
      return this.#send({ ...content, ...relates });
    }
    const last = this.#threads.get(thread.id) ?? thread.id;
    const relates = {
      rel_type: 'm.thread',
      event_id: thread.id,
      is_falling_back: true,
      'm.in_reply_to': { event_id: last },
    };
    const said = await this.#send({ ...content, 'm.relates_to': relates });
    this.#threads.set(thread.id, said.id);
    return said;
  }

  async sayWith(feature: SayFeature, word: string): Promise<NativeRef> {
    const html = FORMATTED[feature]?.(word);
    if (html !== undefined) {
      return this.#send({
        msgtype: 'm.text',
        body: word,
        format: 'org.matrix.custom.html',
        formatted_body: html,
        'm.mentions': {},
      });
    }
    if (feature === 'emote' || feature === 'notice')
      return this.#send({ msgtype: `m.${feature}`, body: word });
    if (feature === 'mentionRoom') {
      return this.#send({ msgtype: 'm.text', body: `@room ${word}`, 'm.mentions': { room: true } });
    }
    return feature === 'attachment' ? this.#file(word) : this.#mention(word);
  }

  #mention(word: string): Promise<NativeRef> {
    const { person, displayName } = this.#other();
    return this.#send({
      msgtype: 'm.text',
      body: `${displayName} ${word}`,
      format: 'org.matrix.custom.html',
      formatted_body: `<a href="https://matrix.to/#/${person}">${displayName}</a> ${word}`,
      'm.mentions': { user_ids: [person] },
    });
  }

  async #file(word: string): Promise<NativeRef> {
    const url = await this.#user.upload(`${word}.txt`, 'hi');
    const info = { mimetype: 'text/plain', size: 2 };
    return this.#send({ msgtype: 'm.file', body: `${word}.txt`, filename: `${word}.txt`, url, info });
  }

  async edit({ id }: NativeRef, text: string): Promise<void> {
    const fresh = { msgtype: 'm.text', body: text, 'm.mentions': {} };
    const relates = { rel_type: 'm.replace', event_id: id };
    await this.#send({ ...fresh, body: `* ${text}`, 'm.new_content': fresh, 'm.relates_to': relates });
  }

  async remove({ id }: NativeRef): Promise<void> {
    await this.#user.redact(this.#room, id);
  }

  async react({ id }: NativeRef, emoji: string, on: boolean): Promise<void> {
    const name = `${id} ${emoji}`;
    const known = this.#reactions.get(name);
    if (!on) {
      if (known !== undefined) await this.#user.redact(this.#room, known);
      return;
    }
    const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id: id, key: emoji } };
    this.#reactions.set(name, (await this.#send(content, 'm.reaction')).id);
  }

  async type(active: boolean): Promise<void> {
    const path = `${this.#at}/typing/${encodeURIComponent(this.#user.id)}`;
    await this.#user.call('PUT', path, active ? { typing: true, timeout: 30_000 } : { typing: false });
  }

  async setTopic(topic: string): Promise<void> {
    await this.#user.call('PUT', `${this.#at}/state/m.room.topic`, { topic });
  }

  async setName(name: string): Promise<void> {
    await this.#user.call('PUT', `${this.#at}/state/m.room.name`, { name });
  }

  async leave(): Promise<void> {
    await this.#user.call('POST', `${this.#at}/leave`, {});
  }

  async join(): Promise<void> {
    await this.#user.call('POST', `${this.#at}/join`, {});
  }
}
