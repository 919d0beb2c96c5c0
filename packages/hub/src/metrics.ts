import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** All metrics of the hub. Labels are ids of the settings and codes, never what people wrote or are called. */
export class Metrics {
  readonly registry = new Registry();
  readonly accepted = this.#counter('brygga_accepted_total', 'Events accepted', ['network']);
  readonly repeated = this.#counter('brygga_repeated_total', 'Notifications that were known already', [
    'network',
  ]);
  readonly invalid = this.#counter('brygga_invalid_total', 'Events a bridge handed over in a wrong shape', [
    'network',
  ]);
  readonly dropped = this.#counter('brygga_not_admitted_total', 'Events not admitted, by reason', [
    'network',
    'reason',
  ]);
  readonly withheld = this.#counter('brygga_withheld_total', 'Events a link does not get', [
    'room',
    'link',
    'feature',
    'reason',
  ]);
  readonly degraded = this.#counter(
    'brygga_degraded_total',
    'Features carried in another form or not at all',
    ['room', 'link', 'feature'],
  );
  readonly outcomes = this.#counter('brygga_deliveries_total', 'Tries to deliver, by outcome', [
    'network',
    'outcome',
    'code',
  ]);
  readonly dead = this.#counter('brygga_dead_letters_total', 'Deliveries given up', ['room', 'link', 'code']);
  readonly redisErrors = this.#counter('brygga_redis_errors_total', 'Failures to talk to Redis', ['code']);
  readonly unreadable = this.#counter(
    'brygga_unreadable_total',
    'Looks at a lane whose head cannot be read: its key is missing, or a newer hub wrote it',
    ['room', 'code'],
  );
  readonly full = this.#counter(
    'brygga_lane_full_total',
    'Times a network was told to wait, since that lane of the room holds as much as it may',
    ['room', 'lane'],
  );
  readonly latency = new Histogram({
    name: 'brygga_delivery_seconds',
    help: 'From accepted to recorded',
    labelNames: ['network'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600],
    registers: [this.registry],
  });
  readonly up = new Gauge({
    name: 'brygga_network_up',
    help: '1 while the network is connected',
    labelNames: ['network'],
    registers: [this.registry],
  });
  readonly cut = new Gauge({
    name: 'brygga_link_cut',
    help: '1 for a link to and from which nothing is carried, since another hub or link does it',
    labelNames: ['room', 'link', 'reason'],
    registers: [this.registry],
  });

  /** The hot path: label sets are looked up once a network. */
  readonly #done = new Map<string, { inc(count: number): void }>();
  readonly #times = new Map<string, { observe(seconds: number): void }>();

  /** So many deliveries were done. */
  delivered(network: string, count: number): void {
    let counter = this.#done.get(network);
    if (counter === undefined) {
      counter = this.outcomes.labels({ network, outcome: 'done', code: '' });
      this.#done.set(network, counter);
    }
    counter.inc(count);
  }

  /** One of them, `seconds` after it was accepted. */
  took(network: string, seconds: number): void {
    let times = this.#times.get(network);
    if (times === undefined) {
      times = this.latency.labels({ network });
      this.#times.set(network, times);
    }
    times.observe(seconds);
  }

  constructor(process = true) {
    if (process) collectDefaultMetrics({ register: this.registry });
  }

  #counter<const Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}
