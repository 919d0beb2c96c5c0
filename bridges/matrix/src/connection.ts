import type { BridgeContext } from '@brygga/contract';
import { type Backoff, backoffMs } from '@brygga/wire';
import { type Failure, failureFields, hasStatus, isDown } from './errors.ts';
import type { Ghosts } from './ghosts.ts';
import { type Homeserver, path } from './homeserver.ts';
import { registrationId } from './registration.ts';
import type { MatrixSettings } from './settings.ts';

/** How often an idle connection is looked at, and how long that look may take. */
const PROBE_MS = 10_000;
const PROBE_TIMEOUT_MS = 5_000;
const COME_BACK: Backoff = { firstMs: 500, mostMs: 15_000 };
/** The homeserver must reach us too; our own listener may open a moment after us. */
const PINGS_MAX = 8;
const PING_AGAIN: Backoff = { firstMs: 500, mostMs: 10_000 };

export const BOT_NAME = 'Brygga';

export interface Listener {
  /** The homeserver answers, knows us, and our bot exists. */
  up(): void;
  down(): void;
}

/** Watches whether the homeserver is there. Holds no socket of its own: calls go through `Homeserver`. */
export class Connection {
  readonly #ctx: BridgeContext<MatrixSettings>;
  readonly #homeserver: Homeserver;
  readonly #ghosts: Ghosts;
  readonly #listener: Listener;
  #isUp = false;
  #wake: () => void = () => undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(
    ctx: BridgeContext<MatrixSettings>,
    homeserver: Homeserver,
    ghosts: Ghosts,
    listener: Listener,
  ) {
    this.#ctx = ctx;
    this.#homeserver = homeserver;
    this.#ghosts = ghosts;
    this.#listener = listener;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  start(stop: AbortSignal): void {
    this.#loop = this.#run(stop);
  }

  /** Resolves when the loop has ended, after `stop`. */
  async ended(): Promise<void> {
    await this.#loop;
  }

  /** A call failed in a way that makes one look at once. */
  suspect(failure: Failure): void {
    if (isDown(failure)) this.#wake();
  }

  async #run(stop: AbortSignal): Promise<void> {
    this.#ctx.state('connecting');
    for (let attempt = 0; !stop.aborted; attempt += 1) {
      const failure = await this.#comeUp(stop);
      if (failure === null) {
        attempt = 0;
        this.#setUp(stop);
        await this.#watch(stop);
        this.#setDown(stop);
      } else this.#tellWhy(failure, attempt);
      await this.#ctx.clock.sleep(
        backoffMs(attempt, COME_BACK, () => this.#ctx.random()),
        stop,
      );
    }
  }

  #setUp(stop: AbortSignal): void {
    this.#isUp = true;
    this.#ctx.log.info('connection.up');
    this.#listener.up();
    this.#ctx.state('up');
    void this.#ping(stop);
  }

  #setDown(stop: AbortSignal): void {
    this.#isUp = false;
    this.#listener.down();
    if (stop.aborted) this.#ctx.state('down');
    else {
      this.#ctx.log.warn('connection.lost');
      this.#ctx.state('down', 'NETWORK_DOWN');
    }
  }

  #tellWhy(failure: Failure, attempt: number): void {
    const refused = hasStatus(failure, 401) || hasStatus(failure, 403);
    this.#ctx.log.warn('connection.failed', { ...failureFields(failure), attempt });
    this.#ctx.state(refused ? 'refused' : 'down', refused ? 'CREDENTIALS_REFUSED' : 'NETWORK_DOWN');
  }

  async #comeUp(stop: AbortSignal): Promise<Failure | null> {
    const there = await this.#probe(stop);
    if (there !== null) return there;
    const known = await this.#homeserver.call({
      as: null,
      method: 'GET',
      path: path`/v3/account/whoami`,
      signal: stop,
    });
    return known.ok ? this.#ghosts.prepareBot(BOT_NAME) : known.failure;
  }

  async #probe(stop: AbortSignal): Promise<Failure | null> {
    const answer = await this.#homeserver.call({
      as: null,
      method: 'GET',
      path: path`/versions`,
      timeoutMs: PROBE_TIMEOUT_MS,
      signal: stop,
    });
    return answer.ok ? null : answer.failure;
  }

  /** Until it is not there any more. Once may be chance; twice in a row is not. */
  async #watch(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.#pause(stop);
      if (stop.aborted || (await this.#probe(stop)) === null) continue;
      if ((await this.#probe(stop)) !== null) return;
    }
  }

  async #pause(stop: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await this.#ctx.clock.sleep(PROBE_MS, AbortSignal.any([stop, woken.signal]));
    this.#wake = () => undefined;
  }

  /**
   * Has the homeserver call us: it shows that it can, and ends its own pause before it hands over what waits, which
   * may be minutes (https://spec.matrix.org/v1.19/application-service-api/#pinging).
   */
  async #ping(stop: AbortSignal): Promise<void> {
    const id = registrationId(this.#ctx.network);
    for (let attempt = 0; attempt < PINGS_MAX && this.#isUp && !stop.aborted; attempt += 1) {
      const answer = await this.#homeserver.call({
        as: null,
        method: 'POST',
        path: path`/v1/appservice/${id}/ping`,
        body: { transaction_id: this.#ctx.newId() },
        signal: stop,
      });
      if (answer.ok) return;
      this.#ctx.log.warn('connection.not-reached-by-homeserver', {
        ...failureFields(answer.failure),
        attempt,
      });
      await this.#ctx.clock.sleep(
        backoffMs(attempt, PING_AGAIN, () => this.#ctx.random()),
        stop,
      );
    }
  }
}
