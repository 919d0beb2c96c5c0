import { type Bridge, type BridgeContext, done, type Finding } from '@brygga/contract';
import { type Body, channelId, type IncomingEvent } from '@brygga/event';
import { CASES, manifestFaults, runNamed, skipFaults } from '@brygga/testkit';
import { describe, expect, it } from 'vitest';
import { manifest } from '../src/manifest.ts';
import type { TincanNetwork } from '../src/world/network.ts';
import { type TincanHarnessOptions, tincanHarness } from './harness.ts';

/** The bridge with some of its deeds replaced. */
const altered = (bridge: Bridge, changed: Partial<Bridge>): Bridge => ({
  manifest: bridge.manifest,
  open: (ctx) => bridge.open(ctx),
  close: () => bridge.close(),
  attach: (channel) => bridge.attach(channel),
  detach: (channel) => bridge.detach(channel),
  send: (delivery, signal) => bridge.send(delivery, signal),
  check: (ctx) => bridge.check(ctx),
  typing: async (...args) => bridge.typing?.(...args),
  markRead: async (...args) => bridge.markRead?.(...args),
  ...changed,
});

type Spoil = NonNullable<TincanHarnessOptions['spoil']>;

/** Spoils what the bridge is given by the hub. */
const withContext =
  (change: (ctx: BridgeContext<unknown>) => Partial<BridgeContext<unknown>>): Spoil =>
  (bridge) =>
    altered(bridge, { open: (ctx) => bridge.open({ ...ctx, ...change(ctx) }) });

const withEvents = (change: (events: readonly IncomingEvent[]) => readonly IncomingEvent[]): Spoil =>
  withContext((ctx) => ({ accept: (intake) => ctx.accept({ ...intake, events: change(intake.events) }) }));

const withoutKind = (kind: IncomingEvent['kind']): Spoil =>
  withEvents((events) => events.filter((event) => event.kind !== kind));

const withSend =
  (change: (send: Bridge['send']) => Bridge['send']): Spoil =>
  (bridge) =>
    altered(bridge, { send: change((delivery, signal) => bridge.send(delivery, signal)) });

const deaf = (kind: IncomingEvent['kind']): Spoil =>
  withSend(
    (send) => async (delivery, signal) => (delivery.event.kind === kind ? done([]) : send(delivery, signal)),
  );

const words: Body = {
  type: 'root',
  children: [{ type: 'paragraph', children: [{ type: 'text', value: 'words' }] }],
};

/** The server forgets to say through whom something came, so that nobody can tell their own echo. */
function withoutMarkers(network: TincanNetwork): void {
  const channel = network.channel(channelId('kitchen'));
  const post = channel.post.bind(channel);
  channel.post = (by, draft) => post({ ...by, via: [] }, draft);
}

let tries = 0;

/** A law, how it is broken, and the case that must notice. */
const broken: readonly (readonly [
  law: string,
  caught: string,
  spoil: Spoil,
  more?: Partial<TincanHarnessOptions>,
])[] = [
  [
    'sends again under another key',
    'the same delivery twice is one message',
    withSend((send) => (delivery, signal) => {
      tries += 1;
      return send({ ...delivery, key: `${delivery.key}-${tries}` }, signal);
    }),
  ],
  [
    'does not look up what may have been sent',
    'a send whose answer is lost arrives exactly once',
    withSend((send) => (delivery, signal) => send({ ...delivery, maybeSent: false }, signal)),
    { idempotency: 'lookup' },
  ],
  [
    'takes its echo for news',
    'nothing the bridge did comes back as an echo',
    (bridge, network) => {
      withoutMarkers(network);
      return bridge;
    },
  ],
  [
    'moves on when the hub could not store',
    'what the hub could not store is handed in again',
    withContext((ctx) => ({
      accept: (intake) => ctx.accept(intake).catch(() => ({ fresh: 0, unlinked: false })),
    })),
  ],
  [
    'forgets its cursor',
    'messages written while the bridge was closed are caught up, in order',
    withContext(() => ({ cursor: async () => null })),
  ],
  [
    'hands in out of order',
    'a burst of 50 native messages comes in whole and in order',
    withEvents((events) => events.toReversed()),
  ],
  [
    'hands in twice under two ids',
    'a native message comes in once, valid, with its author and time',
    withEvents((events) =>
      events.flatMap((event) => [event, { ...event, origin: { ...event.origin, revision: 'again' } }]),
    ),
  ],
  [
    'hands in what is no event',
    'a native message comes in once, valid, with its author and time',
    withEvents((events) => events.map((event) => ({ ...event, raw: true }))),
  ],
  [
    'writes text into the log',
    'a native message comes in once, valid, with its author and time',
    withContext((ctx) => ({
      accept: (intake) => {
        ctx.log.info('accepted', { reason: 'Ada said good morning to all' });
        return ctx.accept(intake);
      },
    })),
  ],
  [
    'speaks under another name',
    'a message goes out under the name and organisation of its author',
    withSend((send) => (delivery, signal) => send({ ...delivery, persona: null }, signal)),
  ],
  [
    'drops formatting in silence',
    'goes out by its grade: strong',
    withSend((send) => (delivery, signal) => {
      const { event } = delivery;
      const value = event.kind === 'message' ? event.plain : '';
      const plain: Body = {
        type: 'root',
        children: [{ type: 'paragraph', children: [{ type: 'text', value }] }],
      };
      return send(
        event.kind === 'message' ? { ...delivery, event: { ...event, body: plain } } : delivery,
        signal,
      );
    }),
  ],
  ['does not edit but says so', 'an edit goes out', deaf('edit')],
  ['does not remove but says so', 'a removal by the author goes out', deaf('delete')],
  [
    'does not react but says so',
    'reactions go out as they are set, changed and taken back',
    deaf('reaction'),
  ],
  ['does not set the topic but says so', 'a new topic goes out', deaf('channel')],
  ['pretends to edit', 'does not pretend to carry edit', deaf('edit'), { without: ['edit'] }],
  ['does not hear edits', 'an edit by the author comes in', withoutKind('edit')],
  ['does not hear removals', 'a removal by the author comes in', withoutKind('delete')],
  [
    'does not hear reactions',
    'reactions come in as they are set, changed and taken back',
    withoutKind('reaction'),
  ],
  [
    'overtakes',
    'deliveries of one lane stay in order',
    (bridge) => {
      let before = 0;
      const send: Bridge['send'] = async (delivery, signal) => {
        before += 1;
        const wait = before % 2 === 1 ? 5 : 0;
        await new Promise((resolve) => setTimeout(resolve, wait));
        return bridge.send(delivery, signal);
      };
      return altered(bridge, { send });
    },
  ],
  [
    'names one part of several',
    'long text arrives whole, in parts that are all named',
    withSend((send) => async (delivery, signal) => {
      const outcome = await send(delivery, signal);
      return outcome.kind === 'done' ? { ...outcome, messages: outcome.messages.slice(0, 1) } : outcome;
    }),
  ],
  [
    'cuts long text',
    'long text arrives whole, in parts that are all named',
    withSend((send) => (delivery, signal) => {
      const { event } = delivery;
      const short = event.kind === 'message' ? { ...event, body: words } : event;
      return send(
        { ...delivery, event: event.kind === 'message' && event.plain.length > 4000 ? short : event },
        signal,
      );
    }),
  ],
  [
    'gives trouble without a remedy',
    'check gives findings, each trouble with its remedy',
    (bridge) =>
      altered(bridge, { check: async (): Promise<Finding[]> => [{ level: 'warn', what: 'Something.' }] }),
  ],
  [
    'never tells that it is up',
    'tells when it is up, and when it is not any more',
    withContext(() => ({ state: () => undefined })),
  ],
  [
    'announces the hub nowhere',
    'what a hub says of itself stands in the channel, and is told',
    (bridge) => altered(bridge, { announce: () => undefined }),
  ],
  [
    'does not tell which hubs are there',
    'what a hub says of itself stands in the channel, and is told',
    (bridge) =>
      altered(bridge, {
        open: (ctx) => bridge.open({ ...ctx, hubs: () => undefined }),
        announce: (...args) => bridge.announce?.(...args),
      }),
  ],
];

describe('the suite notices a bridge that', () => {
  for (const [law, caught, spoil, more = {}] of broken) {
    it(law, { timeout: 20_000 }, async () => {
      const options = { name: law, patienceMs: 400, ...more };
      await runNamed(tincanHarness(options), caught);
      await expect(runNamed(tincanHarness({ ...options, spoil }), caught)).rejects.toThrow();
    });
  }
});

describe('the suite notices a harness whose', () => {
  it('skip has no reason', () => {
    const [first] = CASES;
    expect(skipFaults({ manifest, skips: { [first?.name ?? '']: 'flaky' } })).toHaveLength(1);
  });
  it('skip names no case', () => {
    expect(
      skipFaults({ manifest, skips: { 'no such case': 'There is a reason for this one.' } }),
    ).toHaveLength(1);
  });
  it('manifest grades without a note', () => {
    const features = { ...manifest.features, edit: { in: 'full', out: 'dropped' } as const };
    expect(manifestFaults({ ...manifest, features })).toEqual(['edit is not full and says in no note why']);
  });
});

it('no two cases have the same name', () => {
  const names = CASES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
