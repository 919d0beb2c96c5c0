import type { BridgeKind } from '@brygga/contract';
import { asBridge, TincanBridge } from './bridge.ts';
import { manifest } from './manifest.ts';
import { TincanSettings } from './settings.ts';
import type { TincanWorld } from './world/world.ts';

/** The bridge to tincan networks of one world. */
export const tincanKind = (world: TincanWorld): BridgeKind<TincanSettings> => ({
  manifest,
  settings: TincanSettings,
  channelProblem: (channel) =>
    /^[^\s{}|\\]{1,200}$/.test(channel)
      ? null
      : 'A channel is named by up to 200 letters without spaces: use the id the network shows.',
  channelAddress: (channel, settings) => `${settings.world}/${channel}`,
  create: (network, settings) => asBridge(new TincanBridge(network, settings, world)),
});

export { ghostId, hubId, isBridged } from './ids.ts';
export { manifest, manifestFor } from './manifest.ts';
export { element, escaped } from './markup.ts';
export { parse } from './parse.ts';
export { render } from './render.ts';
export { TincanSettings } from './settings.ts';
export { TincanChannel } from './world/channel.ts';
export { type CallFault, Faults, type NoticeFault } from './world/faults.ts';
export { type LineEnd, TincanLine } from './world/line.ts';
export { type CallName, TincanNetwork } from './world/network.ts';
export { TincanUser } from './world/person.ts';
export * from './world/types.ts';
export { TincanWorld, type TincanWorldOptions } from './world/world.ts';
