import { createHmac } from 'node:crypto';
import type { CheckContext } from '@brygga/contract';
import { dialAccount } from './account.ts';
import { dialComponent } from './component.ts';
import type { Dialled, Line } from './connection.ts';
import { el } from './element.ts';
import { stanzaError } from './errors.ts';
import { Iqs } from './iq.ts';
import type { AccountSettings, XmppSettings } from './settings.ts';
import { attribute, type Element, NS, statusCodes } from './stanza.ts';

/** What the room said to the bot's entering it. */
export type Joined =
  | { readonly kind: 'in'; readonly role: string; readonly affiliation: string }
  | { readonly kind: 'error'; readonly condition: string }
  | { readonly kind: 'silent' };

const JOIN_MS = 10_000;

/** A short stream of its own, for looking round: nothing of the bridge's is touched. */
export class Probe {
  readonly iqs: Iqs;
  readonly #ctx: CheckContext<XmppSettings>;
  #line: Line | null = null;
  #ids = 0;
  #presence: ((presence: Element) => void) | null = null;

  constructor(ctx: CheckContext<XmppSettings>) {
    this.#ctx = ctx;
    // One question at a time on a stream nobody else has: a number is enough.
    this.iqs = new Iqs(
      ctx.clock,
      () => `check-${++this.#ids}`,
      (stanza) => this.#write(stanza),
    );
  }

  get jid(): string {
    return this.#line?.jid ?? '';
  }

  async open(): Promise<Dialled> {
    const { settings, clock, signal } = this.#ctx;
    const dial =
      settings.mode === 'component'
        ? dialComponent(settings, clock)
        : dialAccount({ ...settings, resource: `${settings.resource}-check` }, clock, () =>
            this.#nonce(settings),
          );
    const dialled = await dial(
      { busy: () => false, stanza: (stanza) => this.#take(stanza), ended: () => this.iqs.lost() },
      signal,
    );
    this.#line = dialled.line;
    return dialled;
  }

  async close(): Promise<void> {
    await this.#line?.end();
  }

  /** Enters a room that exists, looks what the bot may do there, and leaves. */
  async visit(room: string): Promise<Joined> {
    const { settings, clock } = this.#ctx;
    const nick = `${settings.nick} (?)`;
    const to = `${room}/${nick}`;
    const heard = Promise.withResolvers<Joined>();
    const cancel = clock.after(JOIN_MS, () => heard.resolve({ kind: 'silent' }));
    this.#presence = (presence) => {
      const answer = answerOf(presence, room);
      if (answer !== null) heard.resolve(answer);
    };
    const password = settings.roomPassword === undefined ? null : el('password', {}, settings.roomPassword);
    const join = el('x', { xmlns: NS.muc }, el('history', { maxstanzas: 0 }), password);
    this.#write(el('presence', { from: this.jid, to }, join));
    const joined = await heard.promise;
    cancel();
    this.#presence = null;
    if (joined.kind === 'in') this.#write(el('presence', { from: this.jid, to, type: 'unavailable' }));
    return joined;
  }

  /** Never the same twice, and nobody's guess: the password is in it. */
  #nonce({ password }: AccountSettings): string {
    const { clock } = this.#ctx;
    const seed = `${clock.now()} ${clock.elapsed()} ${++this.#ids}`;
    return createHmac('sha256', password).update(seed).digest('base64url');
  }

  #write(stanza: Element): boolean {
    this.#line?.write(stanza);
    return this.#line !== null;
  }

  #take(stanza: Element): void {
    if (stanza.name === 'iq') this.iqs.take(stanza);
    if (stanza.name === 'presence') this.#presence?.(stanza);
  }
}

function answerOf(presence: Element, room: string): Joined | null {
  if (!attribute(presence, 'from').startsWith(room)) return null;
  if (attribute(presence, 'type') === 'error') {
    return { kind: 'error', condition: stanzaError(presence).condition };
  }
  if (!statusCodes(presence).has('110')) return null;
  const item = presence.getChild('x', NS.mucUser)?.getChild('item');
  return { kind: 'in', role: attribute(item, 'role'), affiliation: attribute(item, 'affiliation') };
}
