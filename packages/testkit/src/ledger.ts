import type { IncomingEvent, IncomingOf, PersonId, Target } from '@brygga/event';

/** A message as the hub knows it after all events so far. */
export interface LedgerMessage {
  readonly event: IncomingOf<'message'>;
  readonly ids: readonly string[];
  plain: string;
  edited: boolean;
  deleted: IncomingOf<'delete'> | null;
  /** Person to the emoji they have set. */
  readonly reactions: Map<PersonId, Set<string>>;
}

/** What was accepted, folded as the hub would: who said what, as it stands now. */
export interface Ledger {
  readonly messages: readonly LedgerMessage[];
  /** The message known by that id. */
  find(id: string): LedgerMessage | undefined;
  /** The message that says this word. */
  saying(word: string): LedgerMessage | undefined;
}

/** Folds accepted events. Events about messages that are not there are left out. */
export function ledger(events: readonly IncomingEvent[]): Ledger {
  const messages: LedgerMessage[] = [];
  const reactions: IncomingOf<'reaction'>[] = [];
  const find = (id: string): LedgerMessage | undefined => messages.find(({ ids }) => ids.includes(id));
  const meant = (target: Target): LedgerMessage | undefined =>
    target.natives.map((id) => find(id)).find((message) => message !== undefined);
  for (const event of events) {
    if (event.kind === 'message') messages.push(begun(event));
    if (event.kind === 'edit') edit(meant(event.target), event);
    if (event.kind === 'delete' && !unreact(event, reactions, meant)) remove(meant(event.target), event);
    if (event.kind === 'reaction') {
      reactions.push(event);
      react(meant(event.target), event);
    }
  }
  return { messages, find, saying: (word) => messages.find(({ plain }) => plain.includes(word)) };
}

function begun(event: IncomingOf<'message'>): LedgerMessage {
  const ids = [event.origin.nativeId, ...event.origin.aliases];
  return { event, ids, plain: event.plain, edited: false, deleted: null, reactions: new Map() };
}

function edit(message: LedgerMessage | undefined, event: IncomingOf<'edit'>): void {
  if (message === undefined) return;
  message.plain = event.plain;
  message.edited = true;
}

function remove(message: LedgerMessage | undefined, event: IncomingOf<'delete'>): void {
  if (message !== undefined) message.deleted = event;
}

function react(message: LedgerMessage | undefined, { sender, mode, emoji }: IncomingOf<'reaction'>): void {
  if (message === undefined) return;
  const before = message.reactions.get(sender.nativeId) ?? new Set<string>();
  const now = mode === 'set' ? new Set(emoji) : new Set(before);
  for (const one of mode === 'set' ? [] : emoji) {
    if (mode === 'add') now.add(one);
    else now.delete(one);
  }
  message.reactions.set(sender.nativeId, now);
}

/** A network may take a reaction back by removing it like a message. */
function unreact(
  event: IncomingOf<'delete'>,
  reactions: readonly IncomingOf<'reaction'>[],
  meant: (target: Target) => LedgerMessage | undefined,
): boolean {
  const reaction = reactions.findLast(({ origin }) =>
    [origin.nativeId, ...origin.aliases].some((id) => event.target.natives.includes(id)),
  );
  if (reaction === undefined) return false;
  const mode = 'remove';
  react(meant(reaction.target), { ...reaction, mode });
  return true;
}
