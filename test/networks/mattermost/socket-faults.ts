import type { Outgoing } from './connection.ts';

/** What is to go wrong with the events of one user, counted down as it happens. */
interface Plan {
  /** What was decided for the event under way: all connections of the user meet the same. */
  event: object | undefined;
  decision: Decision;
  isDeaf: boolean;
  isHeld: boolean;
  duplicates: number;
  losses: number;
  swaps: number;
}

type Decision = 'pass' | 'keep' | 'overtake' | 'lose' | 'double';

const none = (): Plan => ({
  event: undefined,
  decision: 'pass',
  isDeaf: false,
  isHeld: false,
  duplicates: 0,
  losses: 0,
  swaps: 0,
});

/** In the order in which they are met when several are due; each is used up by one event. */
function decide(plan: Plan, isOneWaiting: boolean): Decision {
  if (plan.isHeld) return 'keep';
  if (plan.swaps > 0 && !isOneWaiting) return 'keep';
  if (plan.swaps > 0) {
    plan.swaps -= 1;
    return 'overtake';
  }
  if (plan.losses > 0) {
    plan.losses -= 1;
    return 'lose';
  }
  if (plan.duplicates === 0) return 'pass';
  plan.duplicates -= 1;
  return 'double';
}

/** Faults of the event stream. Sockets themselves are dropped and silenced through the server's handle. */
export class SocketFaults {
  readonly #plans = new Map<string, Plan>();
  readonly #held = new Map<string, Outgoing[]>();
  readonly #stale = new Map<string, { left: number; event: object | undefined }>();

  /** No event reaches this user until `hear`; pings and pongs of the protocol go on. */
  deafen(userId: string): void {
    this.#plan(userId).isDeaf = true;
  }

  hear(userId: string): void {
    this.#plan(userId).isDeaf = false;
  }

  /** The next `times` events come twice, each with a seq of its own. */
  duplicate(userId: string, times = 1): void {
    this.#plan(userId).duplicates += times;
  }

  /** The next event waits for the one after it, and comes behind it. */
  swap(userId: string): void {
    this.#plan(userId).swaps += 1;
  }

  /** The next `times` events are counted and never arrive: the seq jumps. A resume brings them. */
  lose(userId: string, times = 1): void {
    this.#plan(userId).losses += times;
  }

  /** Events wait until the server is told to release them. */
  hold(userId: string): void {
    this.#plan(userId).isHeld = true;
  }

  unhold(userId: string): void {
    this.#plan(userId).isHeld = false;
  }

  /** The next `times` events of this channel still reach the user, though he has left it. */
  keepStale(userId: string, channelId: string, times = 1): void {
    this.#stale.set(`${userId} ${channelId}`, { left: times, event: undefined });
  }

  clear(): void {
    this.#plans.clear();
    this.#held.clear();
    this.#stale.clear();
  }

  isDeaf(userId: string): boolean {
    return this.#plans.get(userId)?.isDeaf === true;
  }

  takeStale(userId: string, channelId: string, event: object): boolean {
    const stale = this.#stale.get(`${userId} ${channelId}`);
    if (stale === undefined) return false;
    if (stale.event === event) return true;
    if (stale.left === 0) return false;
    stale.left -= 1;
    stale.event = event;
    return true;
  }

  /** What to send in place of this event, now. */
  shape(userId: string, connectionId: string, item: Outgoing): Outgoing[] {
    const plan = this.#plans.get(userId);
    if (plan === undefined) return [item];
    const waiting = this.#held.get(connectionId) ?? [];
    if (plan.event === undefined || plan.event !== item.event) {
      plan.decision = decide(plan, waiting.length > 0);
      plan.event = item.event;
    }
    if (plan.decision === 'lose') return [{ ...item, isLost: true }];
    if (plan.decision === 'double') return [item, item];
    if (plan.decision === 'pass') return [item];
    if (plan.decision === 'overtake') return [item, ...this.released(connectionId)];
    this.#held.set(connectionId, [...waiting, item]);
    return [];
  }

  released(connectionId: string): Outgoing[] {
    const items = this.#held.get(connectionId) ?? [];
    this.#held.delete(connectionId);
    return items;
  }

  #plan(userId: string): Plan {
    const known = this.#plans.get(userId) ?? none();
    this.#plans.set(userId, known);
    return known;
  }
}
