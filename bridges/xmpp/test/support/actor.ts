import { nativeId, type PersonId, personId } from '@brygga/event';
import type { NativeActor, NativeRef, SayFeature } from '@brygga/testkit';
import { el } from '../../src/element.ts';
import { attribute, type Element, NS } from '../../src/stanza.ts';
import { until } from './context.ts';
import { type Native, stanzaIdOf } from './natives.ts';
import { configure } from './stage.ts';

/** A client of the XMPP side, as the conformance suite wants its people. */
export class Actor implements NativeActor {
  readonly native: Native;
  readonly person: PersonId;
  readonly #other: () => Native;
  /** Stanza-id of a message to its `@id` and thread: what a client remembers of them. */
  readonly #known = new Map<string, { id: string; thread: string }>();
  readonly #reactions = new Map<string, Set<string>>();
  #count = 0;

  constructor(native: Native, person: string, other: () => Native) {
    this.native = native;
    this.person = personId(person);
    this.#other = other;
  }

  get displayName(): string {
    return this.native.nick;
  }

  /** Clients mark every message with a thread, so that it can be answered in one. */
  async say(text: string, about: { replyTo?: NativeRef; thread?: NativeRef } = {}): Promise<NativeRef> {
    const { replyTo, thread } = about;
    const answered = replyTo === undefined ? undefined : this.#message(replyTo.id);
    const quote = answered === undefined ? '' : '> somebody: something\n';
    return this.#send(
      `${quote}${text}`,
      thread === undefined ? `t-${++this.#count}-${this.native.nick}` : this.#threadOf(thread.id),
      el('unstyled', { xmlns: NS.styling }),
      ...(answered === undefined || replyTo === undefined
        ? []
        : [
            el('reply', { xmlns: NS.reply, id: replyTo.id, to: attribute(answered, 'from') }),
            el(
              'fallback',
              { xmlns: NS.fallback, for: NS.reply },
              el('body', { start: 0, end: quote.length }),
            ),
          ]),
    );
  }

  sayWith(feature: SayFeature, word: string): Promise<NativeRef> {
    const nick = this.#other().nick;
    const written: Partial<Record<SayFeature, string>> = {
      strong: `a *${word}* b`,
      emphasis: `a _${word}_ b`,
      strike: `a ~${word}~ b`,
      inlineCode: `a \`${word}\` b`,
      codeBlock: `\`\`\`\n${word}\n\`\`\``,
      quote: `> ${word}`,
      link: `${word} https://example.org/`,
      emote: `/me ${word}`,
      mentionPerson: `@${nick} ${word}`,
    };
    return this.#send(written[feature] ?? word, 'with');
  }

  async edit(message: NativeRef, text: string): Promise<void> {
    const id = this.#known.get(message.id)?.id ?? '';
    await this.#send(
      text,
      'edit',
      el('replace', { xmlns: NS.replace, id }),
      el('unstyled', { xmlns: NS.styling }),
    );
  }

  async remove(message: NativeRef): Promise<void> {
    const retract = el('retract', { xmlns: NS.retract, id: message.id });
    await this.#send('/me removed a message', 'remove', retract, el('store', { xmlns: NS.hints }));
  }

  /** As moderator of the room, not as author. */
  async moderate(message: NativeRef): Promise<void> {
    const child = el(
      'moderate',
      { xmlns: NS.moderate, id: message.id },
      el('retract', { xmlns: NS.retract }),
    );
    const answer = await this.native.iq('set', this.native.room, child);
    if (attribute(answer, 'type') !== 'result') throw new Error(answer.toString());
  }

  async react(message: NativeRef, emoji: string, on: boolean): Promise<void> {
    const set = this.#reactions.get(message.id) ?? new Set();
    this.#reactions.set(message.id, set);
    if (on) set.add(emoji);
    else set.delete(emoji);
    const all = [...set].map((one) => el('reaction', {}, one));
    await this.#back(
      this.native.send(
        el('reactions', { xmlns: NS.reactions, id: message.id }, ...all),
        el('store', { xmlns: NS.hints }),
      ),
    );
  }

  async type(active: boolean): Promise<void> {
    this.native.send(el(active ? 'composing' : 'active', { xmlns: NS.chatStates }));
  }

  async setTopic(topic: string): Promise<void> {
    this.native.send(el('subject', {}, topic));
    await this.native.hearsThat('subject', (message) => message.getChildText('subject') === topic);
  }
  setName(name: string): Promise<void> {
    return configure(this.native, { 'muc#roomconfig_roomname': name });
  }
  async leave(): Promise<void> {
    this.native.presence(this.native.nick, 'unavailable');
  }
  join(): Promise<void> {
    return this.native.enter();
  }

  #message(id: string): Element | undefined {
    return this.native.messages().find((message) => stanzaIdOf(message) === id);
  }
  #threadOf(id: string): string {
    return this.#message(id)?.getChildText('thread') ?? `lost-${id}`;
  }

  async #send(text: string, thread: string, ...children: readonly Element[]): Promise<NativeRef> {
    const body = el('body', {}, text);
    const id = this.native.send(body, ...children, el('thread', {}, thread));
    const back = await this.#back(id);
    this.#known.set(stanzaIdOf(back), { id, thread });
    return { id: nativeId(stanzaIdOf(back)) };
  }

  /** The room has taken it when it comes back. */
  #back(id: string): Promise<Element> {
    return until(`${id} comes back`, () => this.native.messages().find((one) => attribute(one, 'id') === id));
  }
}
