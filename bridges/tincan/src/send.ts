import {
  type Delivery,
  done,
  type Feature,
  later,
  type NativeMessage,
  type Outcome,
  type Persona,
  refused,
} from '@brygga/contract';
import { type EventOf, type NativeId, nativeId } from '@brygga/event';
import { personLabel, splitBody, utf8Bytes } from '@brygga/text';
import { ghostId, hubId, partKey } from './ids.ts';
import { type Dialect, type Rendered, render } from './render.ts';
import type { TincanLine } from './world/line.ts';
import { type TincanActor, type TincanDraft, TincanError } from './world/types.ts';

/** What all deliveries of a bridge have in common. */
export interface SendParts {
  readonly hub: string;
  /** What comes from here and nowhere else came through: `[hub]`. */
  readonly here: readonly string[];
  readonly dialect: Dialect;
  readonly textBytes: number;
  readonly partsMax: number;
  readonly idempotency: 'key' | 'lookup';
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly introduce: (actor: TincanActor) => void;
  /** As whom a persona writes that came through no other hub. */
  readonly ghosts: WeakMap<Persona, TincanActor>;
}

/** Carries out one delivery. Rejects with the network's own error, which `errors.ts` turns into an outcome. */
export function carryOut(
  delivery: Delivery,
  signal: AbortSignal,
  line: TincanLine,
  parts: SendParts,
): Promise<Outcome> {
  return new Sending(delivery, signal, line, parts).run();
}

class Sending {
  readonly #delivery: Delivery;
  readonly #signal: AbortSignal;
  readonly #line: TincanLine;
  readonly #parts: SendParts;
  readonly #by: TincanActor;
  #lost: Set<Feature> | null = null;

  constructor(delivery: Delivery, signal: AbortSignal, line: TincanLine, parts: SendParts) {
    this.#delivery = delivery;
    this.#signal = signal;
    this.#line = line;
    this.#parts = parts;
    const { persona, event } = delivery;
    const by =
      persona === null ? { id: hubId(parts.hub), label: parts.hub, via: parts.here } : this.#ghost(persona);
    this.#by =
      event.hops.length === 0
        ? by
        : { ...by, via: [...event.hops.filter((hop) => hop !== parts.hub), parts.hub] };
    parts.introduce(this.#by);
  }

  #ghost(persona: Persona): TincanActor {
    const { ghosts, here } = this.#parts;
    const known = ghosts.get(persona);
    if (known !== undefined) return known;
    const ghost = { id: ghostId(persona.network, persona.person), label: persona.label, via: here };
    ghosts.set(persona, ghost);
    return ghost;
  }

  run(): Promise<Outcome> {
    const { event } = this.#delivery;
    switch (event.kind) {
      case 'message':
        return this.#message(event);
      case 'edit':
        return this.#edit(event);
      case 'delete':
        return this.#delete(event);
      case 'reaction':
        return this.#reaction(event);
      case 'membership':
        return this.#membership(event);
      case 'channel':
        return this.#channel(event);
    }
  }

  /** Whether the network lacks the feature; then it counts as lost. */
  #lacks(feature: Feature): boolean {
    if (!this.#parts.dialect.lacking.has(feature)) return false;
    this.#loses(feature);
    return true;
  }

  #loses(feature: Feature): void {
    this.#lost ??= new Set();
    this.#lost.add(feature);
  }

  #done(messages: readonly NativeMessage[], reactions?: Readonly<Record<string, NativeId>>): Outcome {
    if (this.#lost === null && reactions === undefined) return done(messages);
    const lost = this.#lost === null ? {} : { lost: [...this.#lost] };
    return done(messages, { ...lost, ...(reactions === undefined ? {} : { reactions }) });
  }

  async #message(event: EventOf<'message'>): Promise<Outcome> {
    const texts = this.#rendered(event);
    const messages: NativeMessage[] = [];
    for (const text of texts) {
      const id = await this.#post(text, messages.length, event.style);
      messages.push({ id: nativeId(id) });
    }
    return this.#done(messages);
  }

  /** The text of each part. What a manifest says is lost is noted. */
  #rendered(event: EventOf<'message'> | EventOf<'edit'>): string[] {
    const { dialect, textBytes, partsMax } = this.#parts;
    const named = event.kind === 'message' ? this.#filesInWords(event) : [];
    const body =
      named.length === 0 ? event.body : { ...event.body, children: [...event.body.children, ...named] };
    const whole = this.#noted(render(body, dialect));
    if (utf8Bytes(whole) <= textBytes) return [whole];
    const measure = (part: EventOf<'message'>['body']): number => utf8Bytes(render(part, dialect).text);
    const bodies = splitBody(body, { bytesMax: textBytes, partsMax, measure });
    return bodies.map((part) => render(part, dialect).text);
  }

  #noted({ text, lost }: Rendered): string {
    for (const feature of lost) this.#loses(feature);
    return text;
  }

  /** The hub says files in words already; should one come, it is not swallowed. */
  #filesInWords({ attachments }: EventOf<'message'>): EventOf<'message'>['body']['children'] {
    if (attachments.length === 0) return [];
    this.#loses('attachment');
    return attachments.map(({ name }) => ({
      type: 'paragraph',
      children: [{ type: 'text', value: `[${name}]` }],
    }));
  }

  /** Posts one part; those before it have arrived. */
  #post(text: string, index: number, style: EventOf<'message'>['style']): Promise<string> {
    const { channel, maybeSent, key } = this.#delivery;
    const { idempotency } = this.#parts;
    const draft = this.#draft(text, index, style);
    const post = (): Promise<string> =>
      this.#line.call('post', channel, this.#signal, (there) => there.post(this.#by, draft).id);
    const once = idempotency === 'lookup' && maybeSent ? () => this.#found(partKey(key, index), post) : post;
    return index > 0 ? this.#patiently(once) : once();
  }

  #draft(text: string, index: number, style: EventOf<'message'>['style']): TincanDraft {
    const { key, replyTo, thread } = this.#delivery;
    const tag = partKey(key, index);
    const byKey = this.#parts.idempotency === 'key';
    return {
      text,
      style: style !== 'text' && this.#lacks(style) ? 'text' : style,
      tag: byKey ? null : tag,
      key: byKey ? tag : null,
      replyTo: replyTo === null || index > 0 || this.#lacks('reply') ? null : replyTo.id,
      thread: thread === null || this.#lacks('thread') ? null : thread.root.id,
    };
  }

  /** The message of that tag, posted only when it is not there. */
  async #found(tag: string, post: () => Promise<string>): Promise<string> {
    const { channel } = this.#delivery;
    const known = await this.#line.call('find', channel, this.#signal, (there) => there.tagged(tag));
    return known ?? post();
  }

  /** Half a message has arrived: being told to slow down is waited out here, not by sending it all again. */
  async #patiently(post: () => Promise<string>): Promise<string> {
    for (;;) {
      try {
        return await post();
      } catch (error) {
        const wait =
          error instanceof TincanError && error.trouble === 'throttled' ? error.afterMs : undefined;
        if (wait !== undefined && !this.#signal.aborted) await this.#parts.wait(wait, this.#signal);
        else throw halfDone(error);
      }
    }
  }

  async #edit(event: EventOf<'edit'>): Promise<Outcome> {
    const { target, channel } = this.#delivery;
    if (target.length === 0) return refused('TARGET_UNKNOWN');
    if (this.#parts.dialect.lacking.has('edit')) return refused('FEATURE_REFUSED');
    const line = this.#line;
    const texts = this.#rendered(event);
    const messages: NativeMessage[] = [];
    for (const [index, text] of texts.entries()) {
      const part = target[index];
      if (part === undefined) messages.push({ id: nativeId(await this.#post(text, index, event.style)) });
      else {
        const style = event.style !== 'text' && this.#lacks(event.style) ? 'text' : event.style;
        await line.call('edit', channel, this.#signal, (there) => there.edit(this.#by, part.id, text, style));
        messages.push(part);
      }
    }
    // The new text is shorter: parts beyond it would still show the old one.
    await this.#remove(target.slice(texts.length), this.#by);
    return this.#done(messages);
  }

  async #delete({ sender }: EventOf<'delete'>): Promise<Outcome> {
    const { target, channel, persona } = this.#delivery;
    const line = this.#line;
    const { hub, dialect } = this.#parts;
    if (target.length === 0) return refused('TARGET_UNKNOWN');
    const feature = sender.kind === 'moderator' ? 'deleteByModerator' : 'deleteOwn';
    if (dialect.lacking.has(feature)) return refused('FEATURE_REFUSED');
    const first = target[0]?.id ?? '';
    const author = await line.call('find', channel, this.#signal, (there) => there.message(first)?.by);
    // What somebody else wrote is removed by the hub, whose right that is; the author's own word by themselves.
    const own = persona !== null && author === this.#by.id;
    const by = own ? this.#by : { ...this.#by, id: hubId(hub), label: hub };
    await this.#remove(target, by);
    return this.#done([]);
  }

  async #remove(messages: readonly NativeMessage[], by: TincanActor): Promise<void> {
    const line = this.#line;
    for (const { id } of messages) {
      await line.call('remove', this.#delivery.channel, this.#signal, (there) => there.remove(by, id));
    }
  }

  async #reaction({ emoji }: EventOf<'reaction'>): Promise<Outcome> {
    const { target, channel } = this.#delivery;
    const line = this.#line;
    const { dialect } = this.#parts;
    const message = target[0];
    if (message === undefined) return refused('TARGET_UNKNOWN');
    if (dialect.lacking.has('reaction')) return refused('FEATURE_REFUSED');
    await line.call('react', channel, this.#signal, (there) => there.react(this.#by, message.id, emoji));
    const ids = emoji.map((one): [string, NativeId] => [one, nativeId(`${message.id}/${this.#by.id}`)]);
    return this.#done([], Object.fromEntries(ids));
  }

  async #membership(event: EventOf<'membership'>): Promise<Outcome> {
    if (this.#lacks('membership')) return this.#done([]);
    const { channel, persona } = this.#delivery;
    const { change, subject } = event;
    const id = ghostId(event.origin.network, subject.nativeId);
    const label = personLabel(subject.displayName, persona?.organisation ?? this.#parts.hub);
    const who = { id, label, via: this.#by.via ?? [] };
    this.#parts.introduce(who);
    await this.#line.call('member', channel, this.#signal, (there) => {
      if (change === 'join') there.join(who);
      else if (change !== 'rename') there.leave(who);
    });
    return this.#done([]);
  }

  async #channel({ name, topic }: EventOf<'channel'>): Promise<Outcome> {
    const line = this.#line;
    const { channel } = this.#delivery;
    if (name !== undefined && !this.#lacks('channelName')) {
      await line.call('setName', channel, this.#signal, (there) => there.setName(this.#by, name));
    }
    if (topic !== undefined && !this.#lacks('channelTopic')) {
      await line.call('setTopic', channel, this.#signal, (there) => there.setTopic(this.#by, topic));
    }
    return this.#done([]);
  }
}

/** A failure behind the first part: it is not true any more that nothing arrived. */
function halfDone(error: unknown): unknown {
  const clear = error instanceof TincanError && (error.trouble === 'down' || error.trouble === 'internal');
  return clear || (error instanceof TincanError && error.trouble === 'throttled')
    ? new TincanError('lost')
    : error;
}

/**
 * Lets deliveries of one channel follow each other in the order in which they were handed over. When one did not
 * arrive, those that waited behind it do not either, so that a window of several keeps its order: also when it was
 * refused, since the hub may have to ask again, and be given another answer.
 */
export class Queue {
  readonly #lines = new Map<string, Line>();

  /** `run` must not reject. */
  add(channel: string, run: () => Promise<Outcome>): Promise<Outcome> {
    let line = this.#lines.get(channel);
    if (line === undefined) {
      line = { last: null, length: 0 };
      this.#lines.set(channel, line);
    }
    line.length += 1;
    line.last = this.#inTurn(channel, line, run);
    return line.last;
  }

  async #inTurn(channel: string, line: Line, run: () => Promise<Outcome>): Promise<Outcome> {
    const before = line.last === null ? null : await line.last;
    const outcome = before === null || before.kind === 'done' ? await run() : later(before.code);
    line.length -= 1;
    if (line.length === 0) this.#lines.delete(channel);
    return outcome;
  }

  /** Resolves when all that was handed over is settled. */
  async settled(): Promise<void> {
    for (const { last } of [...this.#lines.values()]) await last;
  }
}

/** Deliveries of one channel that are not settled: how many, and the last. */
interface Line {
  last: Promise<Outcome> | null;
  length: number;
}
