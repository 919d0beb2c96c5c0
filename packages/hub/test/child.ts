/**
 * A hub process of its own, for tests that kill it. Its networks are the parent's: every delivery goes there and
 * waits for the outcome. Told what to do by messages; see `child-hub.ts`.
 */
import { type Bridge, type BridgeContext, type Delivery, later, type Outcome } from '@brygga/contract';
import type { IncomingEvent, NetworkId } from '@brygga/event';
import { checkedLog } from '@brygga/testkit';
import { startHub } from '../src/hub.ts';
import { Settings } from '../src/settings/index.ts';
import { manifest } from './fake-network.ts';

export type ToChild =
  | { readonly kind: 'start'; readonly settings: unknown; readonly sendWindow: number }
  | { readonly kind: 'outcome'; readonly id: number; readonly outcome: Outcome }
  | {
      readonly kind: 'accept';
      readonly id: number;
      readonly network: NetworkId;
      readonly events: readonly IncomingEvent[];
    };
export type ToParent =
  | { readonly kind: 'open' | 'closed'; readonly network: NetworkId }
  | { readonly kind: 'send'; readonly id: number; readonly network: NetworkId; readonly delivery: Delivery }
  | { readonly kind: 'accepted'; readonly id: number; readonly taken: boolean };

const contexts = new Map<NetworkId, BridgeContext<unknown>>();
const sends = new Map<number, (outcome: Outcome) => void>();
let number = 0;

const tell = (message: ToParent): void => void process.send?.(message);

function bridgeTo(network: NetworkId, sendWindow: number): Bridge {
  const made = manifest({}, { sendWindow });
  return {
    manifest: made,
    open: async (ctx) => {
      contexts.set(network, ctx);
      ctx.state('up');
      tell({ kind: 'open', network });
    },
    close: async () => {
      contexts.delete(network);
      tell({ kind: 'closed', network });
    },
    attach: async () => undefined,
    detach: async () => undefined,
    check: async () => [],
    send: (delivery, signal) =>
      new Promise((resolve) => {
        number += 1;
        sends.set(number, resolve);
        signal.addEventListener('abort', () => resolve(later('NETWORK_DOWN')));
        tell({ kind: 'send', id: number, network, delivery });
      }),
  };
}

async function start(raw: unknown, sendWindow: number): Promise<void> {
  const settings = Settings.parse(raw);
  const bridges = new Map(
    settings.networks.map(({ id }) => [id, { bridge: bridgeTo(id, sendWindow), settings: {} }]),
  );
  await startHub({ settings, bridges, log: checkedLog([]).log });
}

async function take({ id, network, events }: Extract<ToChild, { kind: 'accept' }>): Promise<void> {
  const ctx = contexts.get(network);
  const [first] = events;
  const taken =
    ctx !== undefined && first !== undefined
      ? await ctx.accept({ channel: first.origin.channel, events }).then(
          () => true,
          () => false,
        )
      : false;
  tell({ kind: 'accepted', id, taken });
}

process.on('message', (message: ToChild) => {
  if (message.kind === 'start') void start(message.settings, message.sendWindow);
  else if (message.kind === 'accept') void take(message);
  else {
    sends.get(message.id)?.(message.outcome);
    sends.delete(message.id);
  }
});
process.on('disconnect', () => process.exit(0));
