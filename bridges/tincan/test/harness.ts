import type { Bridge, Feature } from '@brygga/contract';
import { channelId, type NativeId, nativeId, networkId, personId } from '@brygga/event';
import {
  fakeContext,
  featuresIn,
  type Harness,
  type Instance,
  type NativeActor,
  type SayFeature,
  type SeenMessage,
} from '@brygga/testkit';
import { plainText } from '@brygga/text';
import { tincanKind } from '../src/index.ts';
import { manifestFor } from '../src/manifest.ts';
import { element, escaped } from '../src/markup.ts';
import { parse } from '../src/parse.ts';
import { TincanSettings } from '../src/settings.ts';
import type { TincanNetwork } from '../src/world/network.ts';
import { TincanUser } from '../src/world/person.ts';
import type { TincanDraft, TincanMessage } from '../src/world/types.ts';
import { TincanWorld } from '../src/world/world.ts';

const NEAR = networkId('near');
const CHANNEL = channelId('kitchen');

export interface TincanHarnessOptions {
  readonly name: string;
  readonly idempotency?: 'key' | 'lookup';
  readonly without?: readonly Feature[];
  readonly refuse?: readonly Feature[];
  readonly skips?: Harness['skips'];
  readonly patienceMs?: number;
  /** Called with each new network: scripts its faults. */
  readonly trouble?: (network: TincanNetwork) => void;
  /** Changes the bridge under test: to prove that the suite notices. */
  readonly spoil?: (bridge: Bridge, network: TincanNetwork) => Bridge;
}

/** The tincan bridge under the conformance suite. */
export function tincanHarness(options: TincanHarnessOptions): Harness {
  const settings = TincanSettings.parse({
    idempotency: options.idempotency ?? 'key',
    without: options.without ?? [],
    refuse: options.refuse ?? [],
    pollMs: 50,
  });
  return {
    name: options.name,
    manifest: manifestFor(settings),
    patienceMs: options.patienceMs ?? 2000,
    ...(options.skips === undefined ? {} : { skips: options.skips }),
    make: async () => instance(options, settings),
  };
}

function instance(options: TincanHarnessOptions, settings: TincanSettings): Instance {
  const world = new TincanWorld();
  const network = world.network(settings.world);
  const kind = tincanKind(world);
  const ada = actor(network, 'ada', 'Ada');
  const ben = actor(network, 'ben', 'Ben');
  const mod = new TincanUser(network, CHANNEL, 'mod', 'Mo').promote();
  const channel = network.channel(CHANNEL);
  options.trouble?.(network);
  return {
    ctx: fakeContext({ network: NEAR, settings }),
    channel: CHANNEL,
    actors: [ada, ben],
    moderator: native(mod, 'Mo'),
    create: () => {
      const bridge: Bridge = kind.create(NEAR, settings);
      return options.spoil?.(bridge, network) ?? bridge;
    },
    readHistory: async () => [...channel.messages].map((message) => seen(message, network)),
    readChannel: async () => ({ name: channel.name, topic: channel.topic }),
    readTyping: async () => typing(network),
    outage: { down: async () => network.down(), up: async () => network.up() },
    loseNextAnswer: () => network.calls.next({ kind: 'loseAnswer' }, ({ name }) => name === 'post'),
    close: async () => undefined,
  };
}

const actor = (network: TincanNetwork, id: string, label: string): NativeActor =>
  native(new TincanUser(network, CHANNEL, id, label), label);

function native(user: TincanUser, displayName: string): NativeActor {
  const post = (draft: TincanDraft) => ({ id: nativeId(user.post(draft)) });
  return {
    person: personId(user.id),
    displayName,
    say: async (text, about = {}) =>
      post({ text: escaped(text), replyTo: about.replyTo?.id ?? null, thread: about.thread?.id ?? null }),
    sayWith: async (feature, word) => post(SAID[feature](word)),
    edit: async ({ id }, text) => user.edit(id, escaped(text)),
    remove: async ({ id }) => user.remove(id),
    react: async ({ id }, emoji, on) => user.react(id, emoji, on),
    type: async (active) => user.type(active),
    read: async ({ id }) => user.read(id),
    setTopic: async (topic) => user.setTopic(topic),
    setName: async (name) => user.setName(name),
    join: async () => user.join(),
    leave: async () => user.leave(),
  };
}

const marked =
  (name: string, argument = '') =>
  (word: string): TincanDraft => ({ text: element(name, argument, word) });

/** What people of the network type to use each feature. */
const SAID: Readonly<Record<SayFeature, (word: string) => TincanDraft>> = {
  strong: marked('b'),
  emphasis: marked('i'),
  strike: marked('s'),
  inlineCode: marked('c'),
  codeBlock: marked('pre', 'js'),
  quote: marked('q'),
  list: (word) => ({ text: `{ul|{li|${word}}{li|b}}` }),
  heading: marked('h2'),
  link: marked('l', 'https://example.org/'),
  table: (word) => ({ text: `{table lr|{tr|{td|a}{td|b}}{tr|{td|${word}}{td|d}}}` }),
  customEmoji: (word) => ({ text: `{: ${word}|}` }),
  emote: (word) => ({ text: word, style: 'emote' }),
  notice: (word) => ({ text: word, style: 'notice' }),
  mentionPerson: (word) => ({ text: `{@ ben|Ben} ${word}` }),
  mentionRoom: (word) => ({ text: `{@@|room} ${word}` }),
  attachment: (word) => ({ text: '', files: [{ name: `${word}.txt`, mediaType: 'text/plain', bytes: 3 }] }),
};

function seen(message: TincanMessage, network: TincanNetwork): SeenMessage {
  const body = parse(message.text, NEAR);
  const reactions: Record<string, string[]> = {};
  for (const [person, emoji] of message.reactions) {
    for (const one of emoji) reactions[one] = [...(reactions[one] ?? []), network.person(person).label];
  }
  const id = (text: string | null): NativeId | null => (text === null ? null : nativeId(text));
  return {
    ids: [nativeId(message.id)],
    author: network.person(message.by).label,
    text: plainText(body),
    features: [...featuresIn(body)],
    edited: message.edits > 0,
    deleted: message.removed,
    reactions,
    replyTo: id(message.replyTo),
    thread: id(message.thread),
  };
}

function typing(network: TincanNetwork): string[] {
  const now = new Map<string, boolean>();
  for (const signal of network.signals) if (signal.kind === 'typing') now.set(signal.by, signal.active);
  return [...now].filter(([, active]) => active).map(([id]) => network.person(id).label);
}
